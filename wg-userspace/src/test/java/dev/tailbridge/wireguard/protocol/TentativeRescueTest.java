package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device without a clock that does not answer initiations, and somebody who replays its own. */
class TentativeRescueTest {

  private static final Duration ONE_WAY = Duration.ofMillis(10);

  private final Pair pair = inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Initiations device = new Initiations(pair.device.key, pair.server.key.publicKey());

  private static Pair inSession(long seed) {
    Pair pair = new Pair(seed);
    pair.staleInitiations = StaleInitiations.TENTATIVE;
    pair.peers(null).connect();
    return pair;
  }

  /** The device after a power cut, its clock at 1970, deaf to initiations. */
  private SimulatedEndpoint reboot(InetSocketAddress address, Duration keepalive) {
    pair.wire.detach(Pair.DEVICE);
    SimulatedEndpoint chip =
        new SimulatedEndpoint(
            pair.clock, pair.wire, address, pair.device.key, 99, pair.clock.unixNanos());
    pair.wire.attach(
        address,
        (datagram, from) -> {
          if (datagram[0] != Message.INITIATION) {
            chip.receive(datagram, from);
          }
        });
    chip.peer(pair.device.peer.config().withPersistentKeepalive(keepalive));
    return chip;
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aRebootedChipHasASessionWithinOneRoundTripOfItsFirstInitiation(
      boolean alive, boolean sameAddress) {
    pair.clock.advance(Duration.ofSeconds(alive ? 3 : 600));
    server.endpoints.clear();
    InetSocketAddress address = sameAddress ? Pair.DEVICE : Pair.ELSEWHERE;
    SimulatedEndpoint chip = reboot(address, Duration.ZERO);
    chip.send(Pair.toServer(7));
    pair.clock.advance(ONE_WAY.multipliedBy(2));
    assertThat(chip.handshakes).isEqualTo(1);
    assertThat(server.handshakes).isEqualTo(1);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    pair.clock.advance(ONE_WAY);
    assertThat(server.packets).containsExactly(Pair.toServer(7));
    assertThat(server.handshakes).isEqualTo(2);
    assertThat(server.reverseAnswers).containsExactly(ONE_WAY.multipliedBy(2).toNanos());
    assertThat(server.peer.endpoint()).isEqualTo(address);
    assertThat(server.drops).isEmpty();
    server.send(Pair.toDevice(8));
    pair.clock.advance(ONE_WAY);
    assertThat(chip.packets).containsExactly(Pair.toDevice(8));
  }

  @Test
  void packetsThatWaitedLeaveWhenTheSessionIsUsed() {
    pair.clock.advance(Duration.ofMinutes(10));
    pair.wire.detach(Pair.DEVICE);
    server.send(Pair.toDevice(1));
    server.send(Pair.toDevice(2));
    pair.clock.advance(Duration.ofSeconds(1));
    SimulatedEndpoint chip = reboot(Pair.ELSEWHERE, Duration.ZERO);
    chip.act(chip.peer::initiate);
    pair.clock.advance(ONE_WAY.multipliedBy(4));
    assertThat(chip.packets).containsExactly(Pair.toDevice(1), Pair.toDevice(2));
    // The attempt of our own ended with it.
    pair.wire.takeSent();
    pair.clock.advance(Duration.ofSeconds(9));
    assertThat(Pair.from(Pair.SERVER, pair.wire.takeSent())).isEmpty();
  }

  @Test
  void itsRekeysNeverInterruptTheSession() {
    SimulatedEndpoint chip = reboot(Pair.DEVICE, Duration.ofSeconds(25));
    pair.clock.advance(Duration.ofSeconds(1));
    server.drops.clear();
    int sent = 0;
    for (int second = 0; second < 1800; second++) {
      chip.send(Pair.toServer(sent));
      server.send(Pair.toDevice(sent++));
      pair.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(server.packets).hasSize(sent);
    assertThat(chip.packets).hasSize(sent);
    assertThat(chip.handshakes).isBetween(14, 16);
    assertThat(server.suppressions).isEmpty();
    assertThat(server.drops).isEmpty();
    assertThat(server.reversesUnanswered).isZero();
  }

  @Test
  void anAnswerThatIsLostCostsOneRetryHoweverLongTheIntervalOfRescuesIs() {
    SimulatedEndpoint chip = reboot(Pair.DEVICE, Duration.ofSeconds(25));
    pair.clock.advance(Duration.ofMinutes(20));
    int handshakes = chip.handshakes;
    AtomicBoolean lost = new AtomicBoolean();
    pair.wire.attach(
        Pair.DEVICE,
        (datagram, from) -> {
          if (datagram[0] != Message.RESPONSE || !lost.compareAndSet(false, true)) {
            chip.receive(datagram, from);
          }
        });
    while (!lost.get()) {
      pair.clock.advance(ONE_WAY);
    }
    assertThat(chip.handshakes).isEqualTo(handshakes);
    pair.clock.advance(Duration.ofMillis(5_400));
    assertThat(chip.handshakes).isEqualTo(handshakes + 1);
    assertThat(server.suppressions).isEmpty();
  }

  @Test
  void untilItIsUsedNothingChanges() {
    pair.clock.advance(Duration.ofSeconds(1));
    final byte[] greatest = server.peer.handshakes.greatestTimestamp();
    final Keypair current = server.keypairs().current();
    final int indices = server.core.indices.size();
    final long deadline = server.peer.nextDeadlineNanos();
    server.endpoints.clear();
    pair.wire.takeSent();

    server.receive(device.stale(), Pair.ELSEWHERE);

    List<Datagram> sent = pair.wire.takeSent();
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).type()).isEqualTo(Message.RESPONSE);
    assertThat(sent.get(0).to()).isEqualTo(Pair.ELSEWHERE);
    assertThat(server.reverses).containsExactly(Pair.ELSEWHERE);
    assertThat(server.drops).isEmpty();
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    assertThat(server.keypairs().current()).isSameAs(current);
    assertThat(server.keypairs().next()).isNull();
    assertThat(server.keypairs().previous()).isNull();
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
    assertThat(server.peer.nextDeadlineNanos())
        .isEqualTo(Math.min(deadline, pair.clock.nowNanos() + 5 * Constants.SECOND));
    // Our own attempts need no distance from it.
    pair.clock.advance(Duration.ofSeconds(6));
    server.act(server.peer::initiate);
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).contains(Message.INITIATION);
    pair.clock.advance(Duration.ofSeconds(175));
    assertThat(server.reversesUnanswered).isEqualTo(1);
    assertThat(server.endpoints).isEmpty();
    // Its index is free again; the new session took the place of the first.
    assertThat(server.core.indices.size()).isEqualTo(indices + 1);
  }

  @Test
  void forgedPacketsOnTheNewIndexConfirmNothing() {
    server.receive(device.stale(), Pair.ELSEWHERE);
    List<Datagram> sent = Pair.from(Pair.SERVER, pair.wire.takeSent());
    byte[] forged = new byte[32];
    Message.writeInt(forged, 0, Message.TRANSPORT);
    Message.writeInt(
        forged, Message.RECEIVER, Message.readInt(sent.get(0).bytes(), Message.SENDER));
    server.receive(forged, Pair.ELSEWHERE);
    assertThat(server.drops).containsExactly(DropReason.BAD_TAG);
    assertThat(server.handshakes).isEqualTo(1);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
  }

  @Test
  void repeatsAreRefusedAndFloodsSilent() {
    byte[] stale = device.stale();
    server.receive(stale, Pair.ELSEWHERE);
    pair.clock.advance(Duration.ofMinutes(10));
    server.receive(stale, Pair.ELSEWHERE);
    assertThat(server.reverses).hasSize(1);
    byte[] accepted = device.at(Tai64n.encode(2_000_000_000L, 0));
    server.receive(accepted, Pair.DEVICE);
    server.receive(device.stale(), Pair.ELSEWHERE);
    pair.clock.advance(Duration.ofSeconds(10));
    server.receive(accepted, Pair.DEVICE);
    assertThat(server.reverses).hasSize(1);
    assertThat(server.drops).hasSize(3).containsOnly(DropReason.STALE_INITIATION);
    assertThat(server.suppressions).isEmpty();
    server.receive(device.stale(), Pair.ELSEWHERE);
    assertThat(server.reverses).hasSize(2);
  }

  @Test
  void replaysOfManyStaleInitiationsDisturbNoTransferAndAreLimited() {
    pair.wire.detach(Pair.ELSEWHERE);
    List<byte[]> captured = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      captured.add(device.stale());
    }
    final Keypair current = server.keypairs().current();
    final byte[] greatest = server.peer.handshakes.greatestTimestamp();
    int sent = 0;
    for (int second = 0; second < 60; second++) {
      for (byte[] initiation : captured) {
        server.receive(initiation, Pair.ELSEWHERE);
      }
      pair.device.send(Pair.toServer(sent++));
      pair.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(server.packets).hasSize(sent);
    assertThat(server.reverses).hasSize(2);
    assertThat(server.suppressions).contains(ReverseSuppression.PEER_INTERVAL);
    assertThat(server.drops)
        .hasSize(60 * captured.size() - 2)
        .containsOnly(DropReason.STALE_INITIATION);
    assertThat(server.handshakes).isEqualTo(1);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    assertThat(server.keypairs().current()).isSameAs(current);
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
  }

  @Test
  void aCookieForTheAnswerIsKept() {
    server.receive(device.stale(), Pair.DEVICE);
    byte[] response = Pair.from(Pair.SERVER, pair.wire.takeSent()).get(0).bytes();
    CookieChecker busy =
        new CookieChecker(pair.device.key.publicKey().bytes(), server.shared.random);
    byte[] reply = busy.reply(response, response.length, Pair.SERVER, 0);
    server.receive(reply, Pair.DEVICE);
    assertThat(server.drops).isEmpty();
    server.receive(reply, Pair.DEVICE);
    assertThat(server.drops).containsExactly(DropReason.INVALID_COOKIE);
    pair.clock.advance(Duration.ofSeconds(10));
    server.receive(device.stale(), Pair.DEVICE);
    byte[] next = Pair.from(Pair.SERVER, pair.wire.takeSent()).get(0).bytes();
    assertThat(busy.hasValidMac2(next, next.length, Pair.SERVER, 0)).isTrue();
  }

  /** Fresh, stale and repeated initiations, sessions used or not, and time in any order. */
  @Property(tries = 50)
  void theGreatestTimestampIsNeverLowered(@ForAll long seed) {
    Random random = new Random(seed);
    Pair own = inSession(seed);
    own.wire.loss(0.2).duplication(0.2).delay(ONE_WAY, Duration.ofSeconds(2));
    Initiations initiations = new Initiations(own.device.key, own.server.key.publicKey());
    List<byte[]> sent = new ArrayList<>();
    byte[] greatest = own.server.peer.handshakes.greatestTimestamp();
    for (int step = 0; step < 60; step++) {
      InetSocketAddress source = random.nextBoolean() ? Pair.DEVICE : Pair.ELSEWHERE;
      switch (random.nextInt(5)) {
        case 0 -> sent.add(initiations.at(Tai64n.encode(10 + random.nextInt(900), 0)));
        case 1 -> sent.add(initiations.at(Tai64n.encode(1_800_000_000L + random.nextInt(900), 0)));
        case 2 -> own.device.act(own.device.peer::initiate);
        case 3 -> own.server.act(own.server.peer::initiate);
        default -> own.clock.advance(Duration.ofMillis(random.nextInt(8000)));
      }
      if (!sent.isEmpty()) {
        own.server.receive(sent.get(random.nextInt(sent.size())), source);
      }
      byte[] now = own.server.peer.handshakes.greatestTimestamp();
      assertThat(Arrays.compareUnsigned(now, greatest)).isNotNegative();
      greatest = now;
    }
    assertThat(own.server.reverses).isNotEmpty();
    // All that was kept apart is gone in the end.
    own.wire.loss(1);
    own.clock.advance(Duration.ofMinutes(20));
    assertThat(own.server.core.indices.size()).isZero();
  }
}
