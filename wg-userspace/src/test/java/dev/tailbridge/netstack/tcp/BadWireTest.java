package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * Two connections of ours over a wire that loses, doubles, reorders, corrupts and cuts: what
 * arrives is a prefix of what was sent, and all of it when both sides end in order.
 */
class BadWireTest {

  /**
   * Where 20 % are lost, 10 % doubled and more cut or changed, a segment and its answer both get
   * through 58 times in 100. Eight attempts fit into two minutes of doubled timeouts, and 0.42^8 is
   * one segment in a thousand: 3 conversations in 100 would end so, and with the five minutes of
   * RFC 9293 still 8 in 1000.
   */
  private static final long PATIENCE = Duration.ofHours(1).toNanos();

  /**
   * Ten repetitions of a FIN, a minute apart: in the usual single minute the acknowledgments of the
   * last one may all be lost, and then nobody is left on this wire to answer it, not even by a
   * reset.
   */
  private static final long TIME_WAIT = Duration.ofMinutes(10).toNanos();

  @Property(tries = 150)
  void everythingArrivesInOrderAndBothSidesEnd(
      @ForAll int seed,
      @ForAll @IntRange(max = 20) int lossPercent,
      @ForAll @IntRange(max = 10) int otherPercent,
      @ForAll @IntRange(max = 150) int jitterMillis,
      @ForAll @IntRange(min = 1000, max = 70_000) int leftBuffer,
      @ForAll @IntRange(min = 1000, max = 70_000) int rightBuffer,
      @ForAll @IntRange(max = 63) int options) {
    Conversation conversation =
        new Conversation(
            seed,
            config(options & 7, leftBuffer, rightBuffer),
            config(options >> 3, rightBuffer, leftBuffer));
    for (SegmentWire wire : new SegmentWire[] {conversation.toRight, conversation.toLeft}) {
      wire.loss = lossPercent / 100.0;
      wire.duplication = otherPercent / 100.0;
      wire.corruption = otherPercent / 200.0;
      wire.truncation = otherPercent / 400.0;
      wire.delayNanos = 5_000_000;
      wire.jitterNanos = jitterMillis * 1_000_000L;
    }
    conversation.run();
  }

  /**
   * Each side had taken a probe beyond its window, the answers were lost, and each took all that
   * the other sent for old, what it acknowledged included.
   */
  @Test
  void twoTakenProbesDoNotLockBothSides() {
    everythingArrivesInOrderAndBothSidesEnd(-2147483647, 3, 0, 47, 1001, 1000, 0);
  }

  /** All acknowledgments of the last FIN were lost within a minute. */
  @Test
  void theLastFinIsAcknowledgedWhateverIsLost() {
    everythingArrivesInOrderAndBothSidesEnd(-15345, 16, 9, 2, 5847, 1073, 0);
  }

  /** The connection was over while one side did not read, as its application may. */
  @Test
  void whatCameBeforeTheEndCanBeReadAfterIt() {
    everythingArrivesInOrderAndBothSidesEnd(0, 2, 8, 0, 4797, 16976, 0);
  }

  @Property(tries = 100)
  void anAbortEndsBothSides(
      @ForAll int seed, @ForAll @IntRange(max = 20) int lossPercent, @ForAll boolean left) {
    Conversation conversation =
        new Conversation(seed, hasty(config(7, 5000, 5000)), hasty(config(seed & 7, 5000, 5000)));
    conversation.toRight.loss = lossPercent / 100.0;
    conversation.toLeft.loss = lossPercent / 100.0;
    conversation.left.tcp.connect();
    conversation.clock.advance(Duration.ofMillis(new Random(seed).nextInt(3000)));
    End aborting =
        left || conversation.right.tcp.tcb == null ? conversation.left : conversation.right;
    aborting.tcp.tcb.abort();
    aborting.tcp.settle();
    assertThat(aborting.tcp.tcb.nextDeadline()).isEqualTo(Tcb.NEVER);
    for (int i = 0; i < 30 && !conversation.ended(); i++) {
      conversation.clock.advance(Duration.ofSeconds(10));
    }
    for (End end : new End[] {conversation.left, conversation.right}) {
      if (end.tcp.tcb != null) {
        // One that lost the reset goes on by its timers, and has nobody to talk to.
        assertThat(end.tcp.tcb.state())
            .isIn(TcpState.CLOSED, TcpState.ESTABLISHED, TcpState.FIN_WAIT_2);
        assertThat(end.received).isLessThanOrEqualTo(conversation.other(end).written);
      }
    }
  }

  private static TcpConfig hasty(TcpConfig config) {
    long minute = Duration.ofMinutes(1).toNanos();
    return config.toBuilder().userTimeout(minute).connectTimeout(minute).timeWait(minute).build();
  }

  private static TcpConfig config(int options, int receive, int send) {
    return TcpConfig.device(1420, false).toBuilder()
        .buffers(receive, send)
        .options((options & 1) != 0, (options & 2) != 0, (options & 4) != 0)
        .nagle((receive & 1) == 0)
        .userTimeout(PATIENCE)
        .connectTimeout(PATIENCE)
        .timeWait(TIME_WAIT)
        .build();
  }

  /** One application: writes and reads in random pieces at random times, then closes its half. */
  private static final class End {
    private static final int MOST_MEMORY = 2 * 131072 + 4096;
    private final byte[] piece = new byte[5000];
    final SimulatedTcp tcp;
    final Random random;
    final int salt;
    final int total;
    int written;
    int received;
    int otherSalt;
    boolean readable = true;

    End(SimulatedTcp tcp, long seed, int salt) {
      this.tcp = tcp;
      this.random = new Random(seed);
      this.salt = salt;
      this.total = random.nextInt(200_000);
      tcp.application = this::act;
      tcp.clock.after(Duration.ofMillis(50), this::tick);
    }

    private void tick() {
      readable = random.nextInt(4) != 0;
      if (tcp.tcb != null) {
        tcp.settle();
        if (tcp.tcb.state() == TcpState.CLOSED) {
          return;
        }
      }
      tcp.clock.after(Duration.ofMillis(1 + random.nextInt(300)), this::tick);
    }

    private void act() {
      int most = 1 + random.nextInt(piece.length);
      int length = Math.min(most, total - written);
      for (int i = 0; i < length; i++) {
        piece[i] = value(written + i, salt);
      }
      written += tcp.tcb.write(piece, 0, length);
      if (written == total) {
        tcp.tcb.shutdownOutput();
      }
      if (readable) {
        int count = tcp.tcb.read(piece, 0, most);
        for (int i = 0; i < count; i++) {
          if (piece[i] != value(received + i, otherSalt)) {
            throw new AssertionError("byte " + (received + i) + " is not what was sent");
          }
        }
        received += count;
      }
      assertThat(tcp.tcb.memory()).isLessThanOrEqualTo(MOST_MEMORY);
    }

    private void readTheRest() {
      readable = true;
      while (tcp.tcb.readable() > 0) {
        act();
      }
    }

    private static byte value(int at, int salt) {
      return (byte) (at * 31 + (at >> 8) * 7 + salt);
    }
  }

  private static final class Conversation {
    final VirtualClock clock = new VirtualClock();
    final End left;
    final End right;
    final SegmentWire toRight;
    final SegmentWire toLeft;

    Conversation(int seed, TcpConfig leftConfig, TcpConfig rightConfig) {
      left = new End(new SimulatedTcp(clock, leftConfig, seed + 1), seed * 3L, 1);
      right = new End(new SimulatedTcp(clock, rightConfig, seed + 2), seed * 5L, 2);
      left.otherSalt = 2;
      right.otherSalt = 1;
      toRight = new SegmentWire(clock, seed * 7L, right.tcp::arrived);
      toLeft = new SegmentWire(clock, seed * 11L, left.tcp::arrived);
      left.tcp.out = toRight;
      right.tcp.out = toLeft;
    }

    End other(End end) {
      return end == left ? right : left;
    }

    void run() {
      left.tcp.connect();
      long limit = Duration.ofHours(3).toNanos();
      while (!ended()) {
        assertThat(clock.nowNanos())
            .as("left %s, right %s", left.tcp.tcb.stats(), right.tcp.tcb)
            .isLessThan(limit);
        clock.advance(Duration.ofSeconds(5));
      }
      left.readTheRest();
      right.readTheRest();
      assertThat(left.tcp.tcb.failure()).isNull();
      assertThat(right.tcp.tcb.failure()).isNull();
      assertThat(right.received).isEqualTo(left.total);
      assertThat(left.received).isEqualTo(right.total);
    }

    boolean ended() {
      return ended(left) && ended(right);
    }

    private static boolean ended(End end) {
      return end.tcp.tcb != null && end.tcp.tcb.state() == TcpState.CLOSED;
    }
  }
}
