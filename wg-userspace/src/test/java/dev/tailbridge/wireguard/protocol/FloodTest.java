package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import dev.tailbridge.wireguard.DropReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import java.util.function.LongConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Twice as many handshake messages as can be worked for, while a transfer goes on. */
class FloodTest {

  private static final Duration TICK = Duration.ofMillis(1);
  private static final int PER_TICK = 2;
  private static final int TICKS = 7_000;

  /** What the attacker has. */
  enum Attacker {
    /** Nothing. */
    JUNK,
    /** Our public key. */
    VALID_MAC1,
    /** What the device sent before. */
    REPLAYS,
    /** That, and an address at which he is answered: he can prove it. */
    PROVEN_REPLAYS
  }

  /** One worker that takes a millisecond for each piece of work. */
  private static final class Slow implements HandshakeWorkers {
    private static final Duration WORK = Duration.ofMillis(1);

    private final VirtualClock clock;
    private final Queue<LongConsumer> first = new ArrayDeque<>();
    private final Queue<LongConsumer> rest = new ArrayDeque<>();
    private boolean busy;
    int longest;

    Slow(VirtualClock clock) {
      this.clock = clock;
    }

    @Override
    public void execute(LongConsumer mathematics) {
      rest.add(mathematics);
      longest = Math.max(longest, rest.size());
      next();
    }

    @Override
    public void executeFirst(LongConsumer mathematics) {
      first.add(mathematics);
      next();
    }

    private void next() {
      LongConsumer work = busy ? null : first.isEmpty() ? rest.poll() : first.poll();
      if (work != null) {
        busy = true;
        work.accept(clock.nowNanos());
        clock.after(
            WORK,
            () -> {
              busy = false;
              next();
            });
      }
    }
  }

  private final Random random = new Random(5);
  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Slow workers = new Slow(pair.clock);
  private final Initiations device = new Initiations(pair.device.key, server.key.publicKey());
  private final byte[][] captured = new byte[40][];
  private final byte[][] proven = new byte[40][];

  private InetSocketAddress spoofed() {
    try {
      byte[] address = {10, (byte) random.nextInt(), (byte) random.nextInt(), 1};
      return new InetSocketAddress(InetAddress.getByAddress(address), 1 + random.nextInt(60_000));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private void attack(Attacker attacker) {
    switch (attacker) {
      case JUNK -> server.receive(junk(), spoofed());
      case VALID_MAC1 -> server.receive(device.signed(junk()), spoofed());
      case REPLAYS -> server.receive(captured[random.nextInt(captured.length)], spoofed());
      case PROVEN_REPLAYS -> {
        int which = random.nextInt(captured.length);
        boolean hasProof = proven[which] != null;
        server.receive(hasProof ? proven[which] : captured[which], Pair.ELSEWHERE);
      }
    }
  }

  private byte[] junk() {
    byte[] junk = new byte[Message.INITIATION_BYTES];
    random.nextBytes(junk);
    Message.writeInt(junk, 0, Message.INITIATION);
    return junk;
  }

  /** The attacker makes proofs of the cookies that he gets for what he replays. */
  private void collectCookies(byte[] answer) {
    if (answer[0] == Message.COOKIE_REPLY) {
      int index = Message.readInt(answer, Message.RECEIVER);
      for (int i = 0; i < captured.length; i++) {
        if (Message.readInt(captured[i], Message.SENDER) == index) {
          proven[i] = device.prove(captured[i], answer);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTransferGoesOnAndARekeySucceeds(Attacker attacker) {
    for (int i = 0; i < captured.length; i++) {
      captured[i] = device.stale();
    }
    server.workers = workers;
    // So that the rekey need not keep its distance from the first handshake.
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.attach(Pair.ELSEWHERE, (answer, from) -> collectCookies(answer));
    int sent = 0;
    final Keypair before = server.keypairs().current();
    for (int tick = 0; tick < TICKS; tick++) {
      for (int i = 0; i < PER_TICK; i++) {
        attack(attacker);
      }
      if (tick % 10 == 0) {
        pair.device.send(Pair.toServer(sent++));
      }
      if (tick == 500) {
        pair.device.act(pair.device.peer::initiate);
      }
      pair.clock.advance(TICK);
      pair.wire.takeSent();
    }
    pair.clock.advance(Duration.ofMillis(20));
    assertThat(server.packets).extracting(Pair::number).hasSize(sent).isSorted();
    // One retry, with a cookie, at most.
    assertThat(server.handshakes).isEqualTo(2);
    assertThat(server.keypairs().current()).isNotSameAs(before);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    assertThat(workers.longest).isLessThanOrEqualTo(1024);
    assertThat(server.reverses.size()).isLessThan(10);
    if (attacker == Attacker.JUNK) {
      assertThat(server.drops).hasSize(TICKS * PER_TICK).containsOnly(DropReason.BAD_MAC1);
      assertThat(server.cookieModes).isEmpty();
    } else {
      assertThat(server.cookieModes).startsWith(true);
      assertThat(server.drops).contains(DropReason.UNDER_LOAD);
    }
    if (attacker == Attacker.PROVEN_REPLAYS) {
      assertThat(server.drops).contains(DropReason.RATE_LIMITED);
    }
    // Afterwards all is as before.
    pair.clock.advance(Duration.ofSeconds(3));
    pair.connect();
    pair.device.send(Pair.toServer(sent++));
    pair.clock.advance(Duration.ofSeconds(1));
    assertThat(server.packets).hasSize(sent);
    if (attacker != Attacker.JUNK) {
      assertThat(server.cookieModes).endsWith(false);
    }
    assertThat(server.shared.load.queued()).isZero();
  }
}
