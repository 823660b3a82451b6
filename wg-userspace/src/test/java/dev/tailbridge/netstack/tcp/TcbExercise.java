package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One connection at the mercy of bytes: they choose its settings, and what the peer, the
 * application and the clock do, with numbers that lie where it matters.
 *
 * <p>What must hold: {@link Invariants}; the data that is sent and read is what was written and
 * received; nothing is sent beyond the peer's window; deadlines come to an end; a closed connection
 * ends by time alone, an aborted one at once.
 */
final class TcbExercise {

  private static final long MILLI = 1_000_000L;
  private static final long HOUR = 3_600_000L * MILLI;
  private static final int[] BUFFERS = {1, 100, 1000, 5744, 65_535, 70_000, 300_000, 4096};
  private static final int[] LENGTHS = {0, 1, 2, 10, 88, 536, 1380, 3000};
  private static final int[] WINDOWS = {0, 1, 64, 5744, 0x7fff, 0x8000, 0xffff, 1000};
  private static final int[] SEGMENT_SIZES = {0, 1, 88, 536, 1220, 1380, 1460, 0xffff};
  private static final long[] PAUSES = {0, 1, 39, 40, 300, 1000, 60_000, 86_400_000};

  private final byte[] input;
  private int at;
  private final TcpConfig config;
  private final int iss;
  private final Tcb tcb;
  private final Invariants invariants;
  private long now = HOUR;
  private int written;
  private int read;

  TcbExercise(byte[] input) {
    this.input = input;
    int choice = next();
    TcpConfig usual = TcpConfig.wan(choice % 2 == 0 ? 1280 : 1420, (choice & 2) != 0);
    this.config =
        usual.toBuilder()
            .options((choice & 4) != 0, (choice & 8) != 0, (choice & 16) != 0)
            .nagle((choice & 32) != 0)
            .buffers(BUFFERS[next() & 7], BUFFERS[next() & 7])
            .keepAlive((choice & 64) != 0 ? 30_000 * MILLI : 0)
            .build();
    this.iss = word();
    if ((choice & 128) != 0) {
      this.tcb = Tcb.connect(config, iss, word(), now);
    } else {
      Segment syn = segment(null);
      syn.flags = Segment.SYN;
      this.tcb = Tcb.accept(config, travelled(syn), iss, word(), now);
    }
    this.invariants = new Invariants(tcb);
  }

  void run() {
    poll();
    while (at < input.length) {
      step(next());
    }
    end();
  }

  private void step(int choice) {
    switch (choice & 15) {
      case 8 -> write(LENGTHS[next() & 7] * (1 + next() % 50));
      case 9 -> read(LENGTHS[next() & 7] * (1 + next() % 50));
      case 10, 11 -> pass(PAUSES[choice >> 5] * MILLI);
      case 12 -> {
        if (tcb.nextDeadline() != Tcb.NEVER) {
          pass(Math.max(0, tcb.nextDeadline() - now));
        }
      }
      case 13 -> rare(choice >> 4);
      default -> {
        Segment segment = travelled(segment(tcb));
        invariants.arrived(segment);
        tcb.onSegment(now, segment);
      }
    }
    poll();
  }

  private void rare(int choice) {
    switch (choice) {
      case 0 -> tcb.shutdownOutput();
      case 1 -> tcb.close(now);
      case 2 -> tcb.pause(now);
      case 3 -> tcb.resume(now);
      case 4 -> tcb.trim(now);
      case 5 -> tcb.probe();
      case 6 -> tcb.abort();
      default -> tcb.onTimer(now);
    }
  }

  private void write(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = value(iss + 1 + written + i);
    }
    int room = tcb.writable();
    int taken = tcb.write(bytes, 0, length);
    assertThat(taken).as("bytes taken").isEqualTo(Math.min(length, room));
    written += taken;
  }

  private void read(int length) {
    byte[] bytes = new byte[length];
    int there = tcb.readable();
    int count = tcb.read(bytes, 0, length);
    assertThat(count).as("bytes read").isEqualTo(Math.min(length, there));
    for (int i = 0; i < count; i++) {
      if (bytes[i] != value(tcb.irs + 1 + read)) {
        throw new AssertionError("byte " + read + " read is not what was received");
      }
      read++;
    }
  }

  private void pass(long nanos) {
    long until = now + nanos;
    int rounds = 0;
    while (tcb.nextDeadline() <= until) {
      now = Math.max(now, tcb.nextDeadline());
      tcb.onTimer(now);
      poll();
      assertThat(++rounds).as("deadlines within %s ms", nanos / MILLI).isLessThan(50_000);
    }
    now = until;
  }

  private void poll() {
    int[] count = new int[1];
    tcb.pollTransmit(
        now,
        segment -> {
          count[0]++;
          invariants.sent(segment);
          data(segment);
        });
    assertThat(count[0]).as("segments of one poll").isLessThan(10_000);
    invariants.settled();
  }

  private void data(Segment segment) {
    byte[] bytes = new byte[segment.dataLength];
    segment.copyData(0, bytes, 0, bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != value(segment.sequence + i)) {
        throw new AssertionError("byte " + i + " of " + segment + " is not what was written");
      }
    }
  }

  private void end() {
    boolean byTime = (input.length & 1) == 0;
    tcb.resume(now);
    if (byTime) {
      tcb.close(now);
      poll();
      pass(HOUR);
    } else {
      tcb.abort();
      poll();
    }
    assertThat(tcb.state()).as("state in the end").isEqualTo(TcpState.CLOSED);
    assertThat(tcb.nextDeadline()).isEqualTo(Tcb.NEVER);
    read(config.receiveBuffer());
    now += HOUR;
    tcb.trim(now);
    if (!tcb.input.hasGap()) {
      int bytes = tcb.input.memory() + tcb.output.memory();
      assertThat(bytes).as("bytes held in the end").isZero();
    }
  }

  /** A segment around the numbers of the connection; around none when there is none yet. */
  private Segment segment(Tcb around) {
    Segment segment = new Segment().clear();
    int shape = next();
    segment.flags = shape < 128 ? Segment.ACK : next() & 0x3f;
    segment.sequence = sequence(around, shape & 7) + (byte) ((shape & 8) != 0 ? next() : 0);
    segment.acknowledgment =
        acknowledgment(around, shape >> 4 & 7) + (byte) ((shape & 8) != 0 ? next() : 0);
    int more = next();
    segment.window = WINDOWS[more & 7];
    segment.dataLength = LENGTHS[more >> 3 & 7];
    segment.data = new byte[segment.dataLength];
    int first = segment.has(Segment.SYN) ? segment.sequence + 1 : segment.sequence;
    for (int i = 0; i < segment.dataLength; i++) {
      segment.data[i] = value(first + i);
    }
    options(segment, around, more >> 6);
    return segment;
  }

  private void options(Segment segment, Tcb around, int choice) {
    if (segment.has(Segment.SYN) || around == null) {
      segment.mss = SEGMENT_SIZES[next() & 7];
      segment.windowScale = next() % 17 - 1;
      segment.sackPermitted = (choice & 1) != 0;
    }
    segment.hasTimestamps = (choice & 2) != 0;
    if (segment.hasTimestamps) {
      int clock = (int) (now / MILLI);
      segment.timestamp = (choice & 1) != 0 ? clock : clock + 16 * (byte) next();
      segment.timestampEcho = around == null ? 0 : around.timestamps.value(now) - (next() & 63);
    } else if (choice == 1 && around != null) {
      for (int i = 0; i < 3; i++) {
        int start = around.una + 97 * next();
        segment.addSack(start, start + 97 * (next() & 31));
      }
    }
  }

  private int sequence(Tcb around, int choice) {
    if (around == null) {
      return word();
    }
    return switch (choice) {
      case 0, 1, 2, 3 -> around.input.next();
      case 4 -> around.input.next() + around.input.window();
      case 5 -> around.input.next() + 53 * next();
      case 6 -> around.irs;
      default -> word();
    };
  }

  private int acknowledgment(Tcb around, int choice) {
    if (around == null) {
      return 0;
    }
    return switch (choice) {
      case 0, 1, 2 -> around.nxt;
      case 3 -> around.una;
      case 4 -> around.una + (int) ((long) (around.nxt - around.una) * next() / 256);
      case 5 -> around.una - around.maxWindow;
      case 6 -> around.una + 31 * next();
      default -> word();
    };
  }

  /** As it comes out of the codec. */
  private static Segment travelled(Segment segment) {
    if (SegmentCodec.optionBytes(segment) > 40) {
      segment.sackBlocks = 0;
    }
    byte[] bytes = new byte[SegmentCodec.length(segment)];
    SegmentCodec.write(segment, bytes, 0);
    Segment arrived = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, bytes.length, arrived)).isTrue();
    return arrived;
  }

  private int next() {
    return at < input.length ? input[at++] & 0xff : 0;
  }

  private int word() {
    return next() << 24 | next() << 16 | next() << 8 | next();
  }

  /** The byte with this sequence number, of either side. */
  private static byte value(int sequence) {
    return (byte) (sequence * 31 + (sequence >> 8) * 7);
  }
}
