package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A raw other side, scripted line by line against one {@link Tcb} in virtual time.
 *
 * <ul>
 *   <li>Every segment that our side sends has to be expected, in order, before the script goes on.
 *   <li>Segments travel as bytes. Both initial numbers lie so that sequence numbers wrap.
 *   <li>The data of both sides is a known pattern and is compared wherever it appears.
 *   <li>After every step {@link Invariants} are looked at.
 *   <li>A failure shows all that happened until then.
 * </ul>
 */
final class Script {

  private static final int ISS = ScriptedPeer.ISS;
  private static final int IRS = ScriptedPeer.IRS;
  private static final int TIMESTAMP_OFFSET = -2000;

  final Peer peer;
  final TcpConfig config;
  private final Exchange exchange = new Exchange();
  private final ArrayDeque<Segment> sent = new ArrayDeque<>();

  private final ScriptedPeer other;

  @Nullable Tcb tcb;
  private @Nullable Invariants invariants;
  private long now = 1_000_000_000L;

  /** The end of what our side sent, relative. */
  private int sentEnd;

  private int written;
  private int read;

  Script(Peer peer, TcpConfig config) {
    this.peer = peer;
    this.config = config;
    this.other = new ScriptedPeer(peer, config);
    exchange.initialNumbers(ISS, IRS);
  }

  static long ms(long millis) {
    return millis * 1_000_000L;
  }

  static long seconds(long seconds) {
    return seconds * 1_000_000_000L;
  }

  /** An active open. */
  Script connect() {
    return does("connect", () -> begin(Tcb.connect(config, ISS, TIMESTAMP_OFFSET, now)));
  }

  private void begin(Tcb made) {
    tcb = made;
    invariants = new Invariants(made);
  }

  /** From now on the peer offers this window when a line says nothing else. */
  Script window(int bytes) {
    other.window = bytes;
    return this;
  }

  /**
   * The peer sends. Left out: the sequence number is the next one, everything that it heard in
   * order is acknowledged, the window is {@link ScriptedPeer#window}, and options are the peer's.
   */
  Script inject(Seg line) {
    boolean timestamps = tcb != null && tcb.timestamps.on();
    Segment segment = other.says(line, timestamps, peerClock());
    exchange.injected(now, segment);
    nothingUnexpected();
    byte[] bytes = new byte[SegmentCodec.length(segment)];
    SegmentCodec.write(segment, bytes, 0);
    Segment arrived = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, bytes.length, arrived)).isTrue();
    if (tcb == null) {
      begin(Tcb.accept(config, arrived, ISS, TIMESTAMP_OFFSET, now));
    } else {
      invariants.arrived(arrived);
      tcb.onSegment(now, arrived);
    }
    poll();
    return this;
  }

  /** The peer sends, and whatever is answered is let go unseen. */
  Script quietly(Seg line) {
    inject(line);
    sent.clear();
    return this;
  }

  /** Whatever was sent is bare acknowledgments. */
  Script expectAtMostAcks() {
    while (!sent.isEmpty() && sent.peek().flags == Segment.ACK && sent.peek().dataLength == 0) {
      sent.remove();
    }
    return expectNothing();
  }

  /** Lets time pass, and whatever is sent go unseen. */
  Script afterQuietly(long nanos) {
    after(nanos);
    sent.clear();
    return this;
  }

  /** Compares the next segment of our side; the peer hears it. */
  Script expect(Seg line) {
    other.hears(compare(line));
    return this;
  }

  /** Compares it, and the peer does not hear it. */
  Script lose(Seg line) {
    compare(line);
    return this;
  }

  /**
   * Left out: the sequence number is the next one that was never sent, everything in order that the
   * peer sent is acknowledged, the timestamps option is there when it was negotiated; the rest is
   * not compared.
   */
  private Segment compare(Seg line) {
    Segment segment = sent.poll();
    if (segment == null) {
      throw failure("nothing was sent, expected flags " + line.flags + " length " + line.length);
    }
    int flags = segment.flags & ~Segment.PSH;
    same("flags", line.flags, flags, segment);
    if (line.push != null) {
      same("PSH", line.push, segment.has(Segment.PSH), segment);
    }
    same("length", line.length, segment.dataLength, segment);
    same("seq", ScriptedPeer.or(line.seq, sentEnd), segment.sequence - ISS, segment);
    if ((flags & Segment.ACK) != 0) {
      int acknowledged = segment.acknowledgment - IRS;
      same("ack", ScriptedPeer.or(line.ack, other.toldInOrder()), acknowledged, segment);
    }
    boolean syn = (flags & Segment.SYN) != 0;
    int shift = syn || tcb == null ? 0 : tcb.receiveShift;
    sameIfSaid("win", line.win, segment.window << shift, segment);
    sameIfSaid("mss", line.mss, segment.mss, segment);
    sameIfSaid("wscale", line.shift, segment.windowScale, segment);
    if (line.sackPermitted != null) {
      same("sackOK", line.sackPermitted, segment.sackPermitted, segment);
    }
    boolean plain = syn || (flags & Segment.RST) != 0;
    if (line.timestamps != null || !plain) {
      boolean on = line.timestamps != null ? line.timestamps : tcb != null && tcb.timestamps.on();
      same("timestamps", on, segment.hasTimestamps, segment);
    }
    sameIfSaid("tsval", line.tsval, segment.timestamp, segment);
    sameIfSaid("tsecr", line.tsecr, segment.timestampEcho, segment);
    if (line.sack != null) {
      same("sack", text(line.sack), text(relative(segment)), segment);
    }
    int start = segment.sequence - ISS;
    if ((flags & Segment.RST) == 0) {
      sentEnd = Math.max(sentEnd, start + segment.sequenceLength());
    }
    for (int i = 0; i < segment.dataLength; i++) {
      byte[] one = new byte[1];
      segment.copyData(i, one, 0, 1);
      same("byte " + (start + i), ourByte(start + i), one[0], segment);
    }
    return segment;
  }

  private static int[] relative(Segment segment) {
    int[] blocks = new int[2 * segment.sackBlocks];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = segment.sack[i] - IRS;
    }
    return blocks;
  }

  private static String text(int[] blocks) {
    return java.util.Arrays.toString(blocks);
  }

  Script expectNothing() {
    nothingUnexpected();
    return this;
  }

  /** Nothing is sent until so much later, and then this. */
  Script expectAfter(long nanos, Seg line) {
    return after(nanos - 1).after(1).expect(line);
  }

  /** Lets time pass. */
  Script after(long nanos) {
    nothingUnexpected();
    long end = now + nanos;
    int rounds = 0;
    while (tcb != null && tcb.nextDeadline() <= end) {
      now = Math.max(now, tcb.nextDeadline());
      tcb.onTimer(now);
      poll();
      if (++rounds > 100_000) {
        throw failure("deadlines that never come to an end");
      }
    }
    now = end;
    return this;
  }

  Script write(int length) {
    return does(
        "write " + length,
        () -> same("bytes taken by a write", length, write(length, length), null));
  }

  /** Writes more than there is room for. */
  Script writeTakes(int length, int taken) {
    return does(
        "write " + length, () -> same("bytes taken by a write", taken, write(length, taken), null));
  }

  private int write(int length, int taken) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = ourByte(1 + written + i);
    }
    written += taken;
    return tcb().write(bytes, 0, length);
  }

  /** Reads so much, which must be there. */
  Script read(int length) {
    return does(
        "read " + length,
        () -> {
          byte[] bytes = new byte[length];
          same("bytes read", length, tcb().read(bytes, 0, length), null);
          for (int i = 0; i < length; i++) {
            same("byte " + read + " read", ScriptedPeer.theirByte(1 + read), bytes[i], null);
            read++;
          }
        });
  }

  Script shutdownOutput() {
    return does("shutdownOutput", () -> tcb().shutdownOutput());
  }

  Script close() {
    return does("close", () -> tcb().close(now));
  }

  Script abort() {
    return does("abort", () -> tcb().abort());
  }

  /** The owner does something, and asks for segments afterwards. */
  Script does(String what, Runnable step) {
    exchange.happened(now, what);
    nothingUnexpected();
    step.run();
    poll();
    return this;
  }

  Script state(TcpState state) {
    same("state", state, tcb().state(), null);
    return this;
  }

  Script failed(@Nullable TcpFailure failure) {
    same("state", TcpState.CLOSED, tcb().state(), null);
    same("failure", String.valueOf(failure), String.valueOf(tcb().failure()), null);
    return this;
  }

  Script readable(int bytes) {
    same("readable", bytes, tcb().readable(), null);
    return this;
  }

  Script endOfInput(boolean reached) {
    same("end of input", reached, tcb().endOfInput(), null);
    return this;
  }

  /** Data that fits into one segment. */
  int mss() {
    return tcb().mss;
  }

  Tcb tcb() {
    if (tcb == null) {
      throw failure("there is no connection yet");
    }
    return tcb;
  }

  long now() {
    return now;
  }

  /** A sequence number of our side, relative. */
  int ours(int sequence) {
    return sequence - ISS;
  }

  int theirs(int sequence) {
    return sequence - IRS;
  }

  /** What the peer's clock of timestamps says now, in milliseconds. */
  int peerClock() {
    return ScriptedPeer.CLOCK + (int) (now / 1_000_000);
  }

  /** How long our side waits before it sends again, as it stands now. */
  long rto() {
    return tcb().rtt.timeout();
  }

  private void poll() {
    tcb().pollTransmit(now, this::emitted);
    try {
      invariants.settled();
    } catch (AssertionError e) {
      throw failure(e.getMessage());
    }
  }

  private void emitted(Segment segment) {
    byte[] bytes = new byte[SegmentCodec.length(segment)];
    SegmentCodec.write(segment, bytes, 0);
    Segment copy = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, bytes.length, copy)).isTrue();
    exchange.sent(now, copy);
    sent.add(copy);
    try {
      invariants.sent(copy);
    } catch (AssertionError e) {
      throw failure(e.getMessage());
    }
  }

  private void nothingUnexpected() {
    if (!sent.isEmpty()) {
      throw failure("not expected: " + exchange.describe(sent.peek()));
    }
  }

  private void sameIfSaid(String what, @Nullable Integer expected, int is, Segment segment) {
    if (expected != null) {
      same(what, expected, is, segment);
    }
  }

  private void same(String what, Object expected, Object is, @Nullable Segment segment) {
    if (!expected.equals(is)) {
      String where = segment == null ? "" : " in " + exchange.describe(segment);
      throw failure(what + " is " + is + ", expected " + expected + where);
    }
  }

  private AssertionError failure(String what) {
    return new AssertionError(what + " (" + peer + ")\n" + exchange);
  }

  /** The byte that has this relative sequence number. */
  private static byte ourByte(int relative) {
    return (byte) (relative * 31 + (relative >> 8) * 7);
  }
}
