package dev.tailbridge.netstack.tcp;

import org.jspecify.annotations.Nullable;

/**
 * One TCP connection (RFC 9293): the transmission control block and what happens to it.
 *
 * <ul>
 *   <li>After any call that changes something the owner calls {@link #pollTransmit}, and afterwards
 *       arranges that {@link #onTimer} is called at {@link #nextDeadline}.
 *   <li>Memory is bounded by the two buffers of the {@link TcpConfig}, plus headers.
 *   <li>Not thread-safe. Time is nanoseconds and never goes back.
 * </ul>
 */
public final class Tcb extends TcbVariables {

  /** For no deadline. */
  public static final long NEVER = Timers.NEVER;

  private static final long IDLE_NANOS = 1_000_000_000L;

  final TcpConfig config;
  final boolean passive;
  final int iss;
  final SendQueue output;
  final ReceiveQueue input;
  final RttEstimator rtt;
  final CongestionControl congestion;
  final Scoreboard scoreboard = new Scoreboard();
  final LossRecovery recovery;
  final TailLossProbe tail = new TailLossProbe(this);
  final Timers timers = new Timers();
  final Timestamps timestamps;
  final RoundTrips roundTrips;
  final ChallengeLimit challenges = new ChallengeLimit();
  private final SegmentArrival arrival = new SegmentArrival(this);

  /** Without a state of its own, and large: made when it is needed, see {@link #trim}. */
  private @Nullable Transmission transmission;

  private final Expiry expiry = new Expiry(this);
  final Pause pause = new Pause(this);
  final KeepAlive keepAlive = new KeepAlive(this);
  final NetworkErrors networkErrors = new NetworkErrors(this);
  final PendingReset reset = new PendingReset();

  TcpState state;
  private @Nullable TcpFailure failure;

  private Tcb(
      TcpConfig config,
      CongestionControl congestion,
      int iss,
      int timestampOffset,
      boolean passive,
      long now) {
    this.config = config;
    this.quickAcks = config.quickAcks();
    this.congestion = congestion;
    this.recovery = new LossRecovery(congestion, scoreboard);
    this.iss = iss;
    this.passive = passive;
    this.state = passive ? TcpState.SYN_RECEIVED : TcpState.SYN_SENT;
    this.una = iss;
    this.nxt = iss;
    this.smallEnd = iss;
    this.mss = config.mss();
    this.output = new SendQueue(Math.min(config.firstBuffer(), config.sendBuffer()), iss + 1);
    this.input = new ReceiveQueue(config.firstBuffer(), config.receiveBuffer());
    this.rtt = new RttEstimator(config.minRto());
    this.timestamps = new Timestamps(timestampOffset);
    this.roundTrips = new RoundTrips(rtt, timestamps, iss);
    this.synDue = true;
    this.progressAt = now;
    this.heardAt = now;
    this.sentAt = now;
  }

  /**
   * An active open: the next poll sends the SYN.
   *
   * @param iss the initial sequence number, see {@link InitialNumbers}
   * @param timestampOffset what is added to the clock of timestamps
   */
  public static Tcb connect(TcpConfig config, int iss, int timestampOffset, long now) {
    return connect(config, new NewReno(config.leastWindow()), iss, timestampOffset, now);
  }

  /** An active open with another congestion control. */
  static Tcb connect(
      TcpConfig config, CongestionControl congestion, int iss, int timestampOffset, long now) {
    return new Tcb(config, congestion, iss, timestampOffset, false, now);
  }

  /**
   * A passive open that was decided: the next poll sends the SYN-ACK. Data of the SYN is left to
   * the peer to send again.
   */
  public static Tcb accept(TcpConfig config, Segment syn, int iss, int timestampOffset, long now) {
    Tcb tcb = new Tcb(config, new NewReno(config.leastWindow()), iss, timestampOffset, true, now);
    tcb.arrival.learn(syn, now);
    tcb.updateWindow(syn, syn.window);
    return tcb;
  }

  /** Takes a segment whose checksum is right and whose addresses are this connection's. */
  public void onSegment(long now, Segment segment) {
    // What comes shows that the link is back.
    pause.end(now);
    arrival.arrived(now, segment);
  }

  /** Does what is due at this time; harmless when nothing is. */
  public void onTimer(long now) {
    expiry.expire(now);
  }

  /** Hands out everything that can be sent now. */
  public void pollTransmit(long now, SegmentSink sink) {
    Transmission polled = transmission;
    if (polled == null) {
      polled = new Transmission(this);
      transmission = polled;
    }
    polled.poll(now, sink);
  }

  /** Gives back memory that was not used for a second; to be called about as often. */
  public void trim(long now) {
    if (now - Math.max(heardAt, sentAt) >= IDLE_NANOS) {
      output.trim();
      input.trim();
      scoreboard.trim();
      transmission = null;
    }
  }

  /**
   * Whether memory is scarce: then data behind a gap is dropped, and the buffers shrink to a few
   * segments as they empty.
   */
  public void scarce(boolean on) {
    output.scarce(on);
    input.scarce(on);
  }

  /** Bytes of memory that buffers take at this moment. */
  public int memory() {
    return output.memory() + input.memory() + scoreboard.memory();
  }

  /** When {@link #onTimer} must be called at the latest; {@link #NEVER} when there is no need. */
  public long nextDeadline() {
    return timers.next();
  }

  /**
   * Takes bytes to send and says how many: fewer when the buffer is full, none after {@link
   * #shutdownOutput} or the end.
   */
  public int write(byte[] source, int at, int length) {
    return state == TcpState.CLOSED ? 0 : output.write(source, at, length);
  }

  /** How many bytes {@link #write} would take. */
  public int writable() {
    return state == TcpState.CLOSED ? 0 : output.space();
  }

  /** Bytes that were written and not yet acknowledged. */
  public int unacknowledged() {
    return output.size();
  }

  /** Hands out bytes that came in, in order, and says how many. */
  public int read(byte[] target, int at, int length) {
    int count = input.read(target, at, length);
    if (count > 0 && state.receivesData() && input.opens(config.mss(), receiveShift)) {
      // RFC 9293 3.8.6.2.2: the peer hears of it without being asked.
      ackNow = true;
    }
    return count;
  }

  /** How many bytes {@link #read} would hand out. */
  public int readable() {
    return input.readable();
  }

  /** Whether the peer sent its FIN and everything before it was read. */
  public boolean endOfInput() {
    return finReceived && input.readable() == 0;
  }

  /** Sends a FIN behind everything that was written (RFC 9293 3.10.4). */
  public void shutdownOutput() {
    if (output.finQueued()) {
      return;
    }
    switch (state) {
      case SYN_SENT, SYN_RECEIVED -> output.queueFin();
      case ESTABLISHED -> {
        output.queueFin();
        state = TcpState.FIN_WAIT_1;
      }
      case CLOSE_WAIT -> {
        output.queueFin();
        state = TcpState.LAST_ACK;
      }
      default -> {}
    }
  }

  /**
   * Both directions are given up by the application: with bytes unread the connection is reset,
   * else it ends in order on its own, and what still comes in resets it (RFC 9293 3.6.1).
   */
  public void close(long now) {
    if (state == TcpState.SYN_SENT || input.readable() > 0) {
      abort();
      return;
    }
    readerGone = true;
    shutdownOutput();
    if (state == TcpState.FIN_WAIT_2) {
      timers.set(Timers.Name.LINGER, now + config.timeWait());
    }
  }

  /** Ends the connection at once, with a reset where the peer knows of it (RFC 9293 3.10.5). */
  public void abort() {
    switch (state) {
      case CLOSED -> {}
      case SYN_SENT, TIME_WAIT -> fail(TcpFailure.ABORTED);
      default -> {
        reset.ending(nxt);
        fail(TcpFailure.ABORTED);
      }
    }
  }

  /**
   * The link below lost its session: until {@link #resume}, or a segment that arrives, nothing is
   * sent again and no timeout of the sender runs. Does nothing when paused already.
   */
  public void pause(long now) {
    pause.begin(now);
  }

  /** The link is back: what was on its way goes again at once. Does nothing when not paused. */
  public void resume(long now) {
    pause.end(now);
  }

  /**
   * The link has a new session: if it was paused, or something timed out, what was on its way goes
   * again at once, since it was lost with the old session maybe.
   */
  public void linkRestored(long now) {
    if (rtt.isBackedOff()) {
      pause.begin(now);
    }
    pause.end(now);
  }

  /**
   * Asks the peer for a sign of life with the next poll, as a keepalive does (RFC 9293 3.8.4); the
   * answer shows in {@link #heardAt} or as a {@link #failure}. Does nothing outside of the
   * synchronized states.
   */
  public void probe() {
    keepAlive.ask();
  }

  /**
   * An ICMP error says that there is no way to the peer. A call ends, at once when {@code hard}
   * (port or protocol unreachable), else when it was repeated; a connection goes on (RFC 5461).
   *
   * @param quoted the sequence number of the segment that the error quotes
   */
  public void unreachable(int quoted, boolean hard) {
    networkErrors.unreachable(quoted, hard);
  }

  /**
   * An ICMP error says that a segment was too big: it is cut anew with the next poll.
   *
   * @param quoted the sequence number of the segment that the error quotes
   * @param largest the MTU that the error names, without the fixed IP and TCP headers
   */
  public void tooBig(long now, int quoted, int largest) {
    networkErrors.tooBig(now, quoted, largest);
  }

  /** When the last acceptable segment came, on the caller's clock; at first the time of opening. */
  public long heardAt() {
    return heardAt;
  }

  public TcpState state() {
    return state;
  }

  /** Why it ended; null while it has not, and when it ended by FINs. */
  public @Nullable TcpFailure failure() {
    return failure;
  }

  /** Whether a new SYN may take the place of this TIME-WAIT (RFC 9293 3.6.1, RFC 6191). */
  public boolean mayBeReplacedBy(Segment syn) {
    if (state != TcpState.TIME_WAIT || !syn.isOpening()) {
      return false;
    }
    boolean newer =
        timestamps.on() && syn.hasTimestamps && Seq.after(syn.timestamp, timestamps.recent());
    return newer || Seq.after(syn.sequence, input.next());
  }

  /** Figures about the connection, a snapshot. */
  public TcpStats stats() {
    return TcpStats.of(this);
  }

  /** The peer's window as it stands in a segment, scaled (RFC 9293 3.10.7.4, ACK bit). */
  void updateWindow(Segment segment, int window) {
    sendWindow = window;
    maxWindow = Math.max(maxWindow, window);
    wl1 = segment.sequence;
    wl2 = segment.acknowledgment;
  }

  /** The handshake is done. */
  void established(long now) {
    state = output.finQueued() ? TcpState.FIN_WAIT_1 : TcpState.ESTABLISHED;
    congestion.begin(mss, synWasLost);
    recovery.begin(iss, mss, sack);
    if (synWasLost) {
      rtt.synWasLost();
    }
    progressAt = now;
    timers.cancel(Timers.Name.RETRANSMIT);
    keepAlive.restart(now);
  }

  void timeWait(long now) {
    state = TcpState.TIME_WAIT;
    boolean acknowledge = timers.isSet(Timers.Name.DELAYED_ACK);
    timers.clear();
    ackNow |= acknowledge;
    output.free();
    timers.set(Timers.Name.LINGER, now + config.timeWait());
  }

  /** Both FINs were acknowledged, or TIME-WAIT is over. */
  void closed() {
    state = TcpState.CLOSED;
    timers.clear();
    output.free();
  }

  void fail(TcpFailure why) {
    failure = why;
    state = TcpState.CLOSED;
    timers.clear();
    output.free();
    // What came in order before a reset is lost with it (RFC 9293 3.10.7.4).
    input.free();
  }
}
