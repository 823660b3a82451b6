package dev.tailbridge.netstack.tcp;

import java.time.Duration;

/**
 * How connections over one kind of link behave. Immutable; times are nanoseconds, sizes bytes.
 *
 * @param mss the largest segment we take and send: the link's MTU without the fixed IP and TCP
 *     headers
 * @param defaultPeerMss assumed when the peer's SYN names none: 536 for IPv4, 1220 for IPv6 (RFC
 *     9293 3.7.1)
 * @param firstBuffer how much of either is held until a connection shows that it takes more
 * @param receiveBuffer the most that is held of what the peer sent and nobody read
 * @param sendBuffer the most that is held of what was written and not acknowledged
 * @param leastWindow segments of which a loss leaves at least the congestion window: 2 (RFC 5681
 *     3.1), or 4 for links of their own with so small windows that fewer are never seen to be lost
 * @param windowScaling whether RFC 7323 section 2 is offered
 * @param timestamps whether RFC 7323 section 3 is offered
 * @param sack whether RFC 2018 is offered
 * @param nagle whether small segments wait while data is unacknowledged (RFC 9293 3.7.4)
 * @param minRto the shortest retransmission timeout
 * @param delayedAck the longest that an acknowledgment waits, 0 to 500 ms
 * @param quickAcks how many acknowledgments at the start are not delayed: with the four segments of
 *     a microcontroller's send buffer each delay is felt; others answer requests with the answer
 * @param userTimeout how long data may stay unacknowledged (R2 of RFC 9293 3.8.3; its 3.9.1 names
 *     five minutes)
 * @param connectTimeout the same for a SYN
 * @param timeWait how long TIME-WAIT and an abandoned FIN-WAIT-2 last
 * @param keepAlive idle time before a connection is probed (RFC 9293 3.8.4); 0 for never
 */
public record TcpConfig(
    int mss,
    int defaultPeerMss,
    int firstBuffer,
    int receiveBuffer,
    int sendBuffer,
    int leastWindow,
    boolean windowScaling,
    boolean timestamps,
    boolean sack,
    boolean nagle,
    long minRto,
    long delayedAck,
    int quickAcks,
    long userTimeout,
    long connectTimeout,
    long timeWait,
    long keepAlive) {

  private static final int FIXED_HEADERS_IPV4 = 40;
  private static final int FIXED_HEADERS_IPV6 = 60;

  /** Checks the values. */
  public TcpConfig {
    if (mss < 88 || mss > 65495 || defaultPeerMss < 88) {
      throw new IllegalArgumentException("A maximum segment size must be 88 to 65495: " + mss);
    }
    if (receiveBuffer < 1
        || receiveBuffer > 1 << 29
        || sendBuffer < 1
        || sendBuffer > 1 << 29
        || firstBuffer < 1) {
      throw new IllegalArgumentException("A buffer must be 1 byte to 512 MiB");
    }
  }

  /** For modern peers over the wide area: every option, 200 ms least timeout. */
  public static TcpConfig wan(int mtu, boolean ipv6) {
    return new Builder(mtu - (ipv6 ? FIXED_HEADERS_IPV6 : FIXED_HEADERS_IPV4), ipv6 ? 1220 : 536)
        .build();
  }

  /** For microcontrollers, which delay acknowledgments up to 250 ms: 300 ms least timeout. */
  public static TcpConfig device(int mtu, boolean ipv6) {
    return wan(mtu, ipv6).toBuilder()
        .minRto(millis(300))
        .buffers(64 << 10, 64 << 10)
        .leastWindow(4)
        .build();
  }

  /** A builder that starts with these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The window of our SYN, which is not scaled (RFC 7323 2.2). */
  int firstWindow() {
    return Math.min(Math.min(firstBuffer, receiveBuffer), 0xffff);
  }

  /** The shift that lets the whole receive buffer be offered (RFC 7323 2.3): it cannot grow. */
  int windowShift() {
    int shift = 0;
    while (shift < 14 && receiveBuffer >> shift > 0xffff) {
      shift++;
    }
    return shift;
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  /** Changes single values; see the components of {@link TcpConfig} for what they mean. */
  public static final class Builder {
    private final int mss;
    private final int defaultPeerMss;

    /** Covers the initial window of RFC 6928. */
    private int firstBuffer = 16 << 10;

    private int receiveBuffer = 1 << 20;
    private int sendBuffer = 1 << 20;
    private int leastWindow = 2;
    private boolean windowScaling = true;
    private boolean timestamps = true;
    private boolean sack = true;
    private boolean nagle = true;
    private long minRto = millis(200);
    private long delayedAck = millis(40);
    private int quickAcks = 8;
    private long userTimeout = Duration.ofMinutes(5).toNanos();
    private long connectTimeout = Duration.ofSeconds(75).toNanos();
    private long timeWait = Duration.ofSeconds(60).toNanos();
    private long keepAlive;

    private Builder(int mss, int defaultPeerMss) {
      this.mss = mss;
      this.defaultPeerMss = defaultPeerMss;
    }

    private Builder(TcpConfig from) {
      this(from.mss, from.defaultPeerMss);
      firstBuffer = from.firstBuffer;
      receiveBuffer = from.receiveBuffer;
      sendBuffer = from.sendBuffer;
      leastWindow = from.leastWindow;
      windowScaling = from.windowScaling;
      timestamps = from.timestamps;
      sack = from.sack;
      nagle = from.nagle;
      minRto = from.minRto;
      delayedAck = from.delayedAck;
      quickAcks = from.quickAcks;
      userTimeout = from.userTimeout;
      connectTimeout = from.connectTimeout;
      timeWait = from.timeWait;
      keepAlive = from.keepAlive;
    }

    /** How much of either is held at first, in bytes. */
    public Builder firstBuffer(int bytes) {
      firstBuffer = bytes;
      return this;
    }

    /** The most that is held of either, in bytes. */
    public Builder buffers(int receive, int send) {
      receiveBuffer = receive;
      sendBuffer = send;
      return this;
    }

    /** What a loss leaves of the congestion window, in segments. */
    public Builder leastWindow(int segments) {
      leastWindow = segments;
      return this;
    }

    /** Which options are offered. */
    public Builder options(boolean scaling, boolean stamps, boolean selective) {
      windowScaling = scaling;
      timestamps = stamps;
      sack = selective;
      return this;
    }

    public Builder nagle(boolean on) {
      nagle = on;
      return this;
    }

    public Builder minRto(long nanos) {
      minRto = nanos;
      return this;
    }

    public Builder delayedAck(long nanos) {
      delayedAck = nanos;
      return this;
    }

    public Builder quickAcks(int many) {
      quickAcks = many;
      return this;
    }

    public Builder userTimeout(long nanos) {
      userTimeout = nanos;
      return this;
    }

    public Builder connectTimeout(long nanos) {
      connectTimeout = nanos;
      return this;
    }

    public Builder timeWait(long nanos) {
      timeWait = nanos;
      return this;
    }

    public Builder keepAlive(long nanos) {
      keepAlive = nanos;
      return this;
    }

    /**
     * The finished settings.
     *
     * @throws IllegalArgumentException for a buffer or segment size out of range
     */
    public TcpConfig build() {
      return new TcpConfig(
          mss,
          defaultPeerMss,
          firstBuffer,
          receiveBuffer,
          sendBuffer,
          leastWindow,
          windowScaling,
          timestamps,
          sack,
          nagle,
          minRto,
          delayedAck,
          quickAcks,
          userTimeout,
          connectTimeout,
          timeWait,
          keepAlive);
    }
  }
}
