package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Somebody who controls the network and holds initiations of the device, old ones and ones that
 * never arrived, against a server with a session (reference 4.5). When a probe goes out is held to
 * a model of the reference's 4.2 to 4.4; everything else that a replay could touch must stay.
 */
class ReverseModelTest {

  private static final long SECOND = 1_000_000_000L;

  /** The device's own address, another port of it, and another host. */
  private static final InetSocketAddress[] SOURCES = {
    Pair.DEVICE, new InetSocketAddress(Pair.DEVICE.getAddress(), 40_777), Pair.ELSEWHERE
  };

  private enum Kind {
    REPLAY,
    HELD_BACK,
    BOOT,
    BOOT_AND_ANSWER,
    DATA,
    CONFIRM,
    SERVER_INITIATES,
    LONG_SILENCE,
    PASS
  }

  private enum Seen {
    PROBE,
    PROBE_WHILE_ALIVE,
    REPEAT_OF_ACCEPTED,
    REPEAT_OF_REVERSED,
    FLOOD,
    QUIET,
    INITIATED,
    INTERVAL,
    ALIVE_ELSEWHERE,
    UNANSWERED,
    ANSWERED,
    HELD_BACK_ACCEPTED,
    RESET_BY_CONFIRMATION,
    LONGEST_INTERVAL
  }

  private static final EnumSet<Seen> SEEN = EnumSet.noneOf(Seen.class);

  private record Event(Kind kind, int source, int number) {}

  private static final int[] MILLIS = {5, 19, 1_000, 4_990, 5_010, 9_000, 16_000, 31_000, 61_000};

  @Provide
  Arbitrary<List<Event>> events() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(6, Kind.REPLAY),
            Tuple.of(2, Kind.HELD_BACK),
            Tuple.of(6, Kind.BOOT),
            Tuple.of(1, Kind.BOOT_AND_ANSWER),
            Tuple.of(3, Kind.DATA),
            Tuple.of(1, Kind.CONFIRM),
            Tuple.of(2, Kind.SERVER_INITIATES),
            Tuple.of(1, Kind.LONG_SILENCE),
            Tuple.of(8, Kind.PASS));
    return Combinators.combine(
            kinds, Arbitraries.integers().between(0, 2), Arbitraries.integers().between(0, 999))
        .as(Event::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(70);
  }

  @Property(tries = 60)
  void aReplayGetsAtMostAProbe(@ForAll("events") List<Event> events, @ForAll int seed) {
    Run run = new Run(seed);
    events.forEach(run::happen);
  }

  @AfterContainer
  static void everythingWasSeen() {
    assertThat(EnumSet.complementOf(SEEN)).as("what no run went through").isEmpty();
  }

  private static final class Run {
    private final Pair pair;
    private final SimulatedEndpoint server;
    private final Initiations device;
    private final List<byte[]> captured = new ArrayList<>();
    private int clockSeconds = 2_000_000_000;

    // The model.
    private long interval = 5 * SECOND;
    private long lastProbe = Long.MIN_VALUE;
    private InetSocketAddress lastProbeTo;
    private boolean outstanding;
    private boolean whileAlive;
    private byte[] lastAccepted = {};
    private byte[] lastReversed = {};
    private long acceptedAt = Long.MIN_VALUE;
    private long heardAt;
    private int unanswered;
    private long initiatedAt = Long.MIN_VALUE;
    private InetSocketAddress initiatedTo;

    Run(int seed) {
      pair = Pair.inSession(seed);
      server = pair.server;
      device = new Initiations(pair.device.key, server.key.publicKey());
      heardAt = now();
      pair.wire.detach(Pair.SERVER);
      pair.wire.detach(Pair.DEVICE);
      server.reversesUnanswered = 0;
    }

    private long now() {
      return pair.clock.nowNanos();
    }

    /** Forgets what was sent, but for where our regular initiations went. */
    private void drain() {
      for (Datagram datagram : Pair.from(Pair.SERVER, pair.wire.takeSent())) {
        if (datagram.type() == Message.INITIATION) {
          initiatedAt = datagram.nanos();
          initiatedTo = datagram.to();
        }
      }
    }

    private static byte[] ephemeral(byte[] initiation) {
      return Arrays.copyOfRange(initiation, 8, 40);
    }

    void happen(Event event) {
      InetSocketAddress source = SOURCES[event.source()];
      switch (event.kind()) {
        case PASS -> pair.clock.advance(Duration.ofMillis(MILLIS[event.number() % MILLIS.length]));
        case REPLAY -> {
          if (!captured.isEmpty()) {
            stale(captured.get(event.number() % captured.size()), source);
          }
        }
        case BOOT -> stale(bootInitiation(), source);
        case BOOT_AND_ANSWER -> bootAndAnswer(source);
        case HELD_BACK -> fresh(source);
        case DATA -> heard(Pair.toServer(event.number()));
        case CONFIRM -> confirmFresh();
        case SERVER_INITIATES -> server.act(server.peer::initiate);
        case LONG_SILENCE -> {
          for (int i = 0; i < 6; i++) {
            stale(bootInitiation(), source);
            pair.clock.advance(Duration.ofSeconds(121));
            passProbe();
            drain();
          }
        }
      }
      passProbe();
      assertThat(server.reversesUnanswered).isEqualTo(unanswered);
      drain();
    }

    private byte[] bootInitiation() {
      byte[] initiation = device.stale();
      captured.add(initiation);
      return initiation;
    }

    /** 4.3.5: an outstanding probe ends after five seconds; the interval doubles after silence. */
    private void passProbe() {
      if (outstanding && now() - lastProbe >= 5 * SECOND) {
        SEEN.add(Seen.UNANSWERED);
        outstanding = false;
        unanswered++;
        if (!whileAlive) {
          doubleInterval();
        }
      }
    }

    private void doubleInterval() {
      interval = Math.min(2 * interval, 120 * SECOND);
      if (interval == 120 * SECOND) {
        SEEN.add(Seen.LONGEST_INTERVAL);
      }
    }

    /** Any stale initiation: nothing moves, and a probe goes out exactly when the rules say so. */
    private boolean stale(byte[] initiation, InetSocketAddress source) {
      passProbe();
      final Keypair previous = server.keypairs().previous();
      final Keypair current = server.keypairs().current();
      final Keypair next = server.keypairs().next();
      final byte[] greatest = server.peer.handshakes.greatestTimestamp();
      final InetSocketAddress endpoint = server.peer.endpoint();
      final int handshakes = server.handshakes;
      final int suppressed = server.suppressions.size();
      server.drops.clear();
      drain();

      server.receive(initiation, source);

      assertThat(server.drops).containsExactly(DropReason.STALE_INITIATION);
      assertThat(server.keypairs().previous()).isSameAs(previous);
      assertThat(server.keypairs().current()).isSameAs(current);
      assertThat(server.keypairs().next()).isSameAs(next);
      assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
      assertThat(server.peer.endpoint()).isEqualTo(endpoint);
      assertThat(server.handshakes).isEqualTo(handshakes);
      List<Datagram> sent = pair.wire.takeSent();
      boolean probed = expectProbe(initiation, source, endpoint, suppressed);
      assertThat(sent).hasSize(probed ? 1 : 0);
      if (probed) {
        // Not a byte more than came in, and to where it came from.
        assertThat(sent.get(0).to()).isEqualTo(source);
        assertThat(sent.get(0).bytes()).hasSize(initiation.length);
        lastSentProbe = sent.get(0).bytes();
      }
      return probed;
    }

    private byte[] lastSentProbe = {};

    private boolean expectProbe(
        byte[] initiation, InetSocketAddress source, InetSocketAddress endpoint, int suppressed) {
      boolean alive = now() - heardAt < 15 * SECOND;
      boolean refused = false;
      if (acceptedAt != Long.MIN_VALUE && now() - acceptedAt < 20_000_000L) {
        SEEN.add(Seen.FLOOD);
      } else if (Arrays.equals(ephemeral(initiation), lastAccepted)) {
        SEEN.add(Seen.REPEAT_OF_ACCEPTED);
      } else if (Arrays.equals(ephemeral(initiation), lastReversed)) {
        SEEN.add(Seen.REPEAT_OF_REVERSED);
      } else if (lastProbe != Long.MIN_VALUE
          && source.equals(lastProbeTo)
          && now() - lastProbe < 5 * SECOND) {
        SEEN.add(Seen.QUIET);
      } else if (initiatedAt != Long.MIN_VALUE
          && source.equals(initiatedTo)
          && now() - initiatedAt < 5 * SECOND) {
        SEEN.add(Seen.INITIATED);
      } else if (lastProbe != Long.MIN_VALUE && now() - lastProbe < interval) {
        SEEN.add(Seen.INTERVAL);
        refused = true;
      } else if (alive
          && !source.getAddress().equals(endpoint.getAddress())
          && lastProbe != Long.MIN_VALUE
          && now() - lastProbe < 30 * SECOND) {
        SEEN.add(Seen.ALIVE_ELSEWHERE);
        refused = true;
      } else {
        SEEN.add(alive ? Seen.PROBE_WHILE_ALIVE : Seen.PROBE);
        lastProbe = now();
        lastProbeTo = source;
        lastReversed = ephemeral(initiation);
        outstanding = true;
        whileAlive = alive;
        if (alive) {
          doubleInterval();
        }
        return true;
      }
      assertThat(server.suppressions).hasSize(suppressed + (refused ? 1 : 0));
      return false;
    }

    /** The device is there, without a clock, and has the probe: the rescue. */
    private void bootAndAnswer(InetSocketAddress source) {
      if (!stale(bootInitiation(), source)) {
        return;
      }
      pair.device.receive(lastSentProbe, Pair.SERVER);
      List<Datagram> answers = Pair.from(Pair.DEVICE, pair.wire.takeSent());
      if (answers.isEmpty()) {
        return; // It initiated less than five seconds ago, or had this one within 20 ms.
      }
      SEEN.add(Seen.ANSWERED);
      final byte[] greatest = server.peer.handshakes.greatestTimestamp();
      final int handshakes = server.handshakes;
      server.receive(answers.get(answers.size() - 1).bytes(), source);
      assertThat(server.handshakes).isEqualTo(handshakes + 1);
      assertThat(server.peer.endpoint()).isEqualTo(source);
      assertThat(server.keypairs().current().initiator).isTrue();
      assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
      for (Datagram datagram : Pair.from(Pair.SERVER, pair.wire.takeSent())) {
        pair.device.receive(datagram.bytes(), Pair.SERVER);
      }
      drain();
      latest = null;
      outstanding = false;
      if (!whileAlive) {
        interval = 5 * SECOND;
      }
    }

    /** One that was held back: as good as fresh, yet neither session nor endpoint moves by it. */
    private void fresh(InetSocketAddress source) {
      passProbe();
      byte[] initiation = device.at(Tai64n.encode(++clockSeconds, 0));
      final Keypair current = server.keypairs().current();
      final byte[] greatest = server.peer.handshakes.greatestTimestamp();
      final InetSocketAddress endpoint = server.peer.endpoint();
      server.receive(initiation, source);
      assertThat(server.keypairs().current()).isSameAs(current);
      assertThat(server.peer.endpoint()).isEqualTo(endpoint);
      boolean flood = acceptedAt != Long.MIN_VALUE && now() - acceptedAt < 20_000_000L;
      byte[] after = server.peer.handshakes.greatestTimestamp();
      assertThat(Tai64n.isAfter(after, greatest)).isEqualTo(!flood);
      if (!flood) {
        SEEN.add(Seen.HELD_BACK_ACCEPTED);
        captured.add(initiation);
        lastAccepted = ephemeral(initiation);
        acceptedAt = now();
      }
    }

    /** The device itself opens a session with a good clock and uses it. */
    private void confirmFresh() {
      passProbe();
      pair.clock.advance(Duration.ofSeconds(6));
      passProbe();
      drain();
      byte[] timestamp = Tai64n.encode(++clockSeconds, 0);
      var opening = device.opening(timestamp);
      captured.add(opening.message);
      server.receive(opening.message, Pair.DEVICE);
      byte[] response = pair.wire.takeSent().get(0).bytes();
      SessionKeys keys = opening.consumeResponse(device.identity(), null, response);
      lastAccepted = ephemeral(opening.message);
      acceptedAt = now();
      byte[] keepalive = new byte[64];
      Keypair session = new Keypair(keys, server.shared.identity.crypto, now());
      int length = session.seal(new byte[0], 0, keepalive);
      server.receive(Arrays.copyOf(keepalive, length), Pair.DEVICE);
      assertThat(server.keypairs().next()).isNull();
      SEEN.add(Seen.RESET_BY_CONFIRMATION);
      interval = 5 * SECOND;
      heardAt = now();
      latest = session;
    }

    private Keypair latest;

    /** The peer is heard on its session, where it still is. */
    private void heard(byte[] packet) {
      Keypair session = latest == null ? pair.device.keypairs().current() : latest;
      if (session == null) {
        return;
      }
      byte[] message = new byte[128];
      int length = session.seal(packet, packet.length, message);
      server.drops.clear();
      server.receive(Arrays.copyOf(message, length), server.peer.endpoint());
      if (server.drops.isEmpty()) {
        heardAt = now();
      }
    }
  }
}
