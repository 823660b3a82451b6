package dev.tailbridge.netstack.tcp;

import java.time.Duration;

/**
 * How connections over one kind of link behave. Immutable; times are nanoseconds, sizes bytes.
 *
 * @param mss the largest segment we take and send: the link's MTU without the fixed IP and TCP
 *     headers
 * @param defaultPeerMss assumed when the peer's SYN names none: 536 for IPv4, 1220 for IPv6 (RFC
 *     9293 3.7.1)
 * @param receiveBuffer the most that is held of what the peer sent and nobody read
 * @param sendBuffer the most that is held of what was written and not acknowledged
 * @param windowScaling whether RFC 7323 section 2 is offered
 * @param timestamps whether RFC 7323 section 3 is offered
 * @param sack whether RFC 2018 is offered
 * @param nagle whether small segments wait while data is unacknowledged (RFC 9293 3.7.4)
 * @param minRto the shortest retransmission timeout
 * @param delayedAck the longest that an acknowledgment waits, 0 to 500 ms
 * @param userTimeout how long data may stay unacknowledged (R2 of RFC 9293 3.8.3)
 * @param connectTimeout the same for a SYN
 * @param timeWait how long TIME-WAIT and an abandoned FIN-WAIT-2 last
 * @param keepAlive idle time before a connection is probed (RFC 9293 3.8.4); 0 for never
 */
public record TcpConfig(
    int mss,
    int defaultPeerMss,
    int receiveBuffer,
    int sendBuffer,
    boolean windowScaling,
    boolean timestamps,
    boolean sack,
    boolean nagle,
    long minRto,
    long delayedAck,
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
    if (receiveBuffer < 1 || receiveBuffer > 1 << 29 || sendBuffer < 1 || sendBuffer > 1 << 29) {
      throw new IllegalArgumentException("A buffer must be 1 byte to 512 MiB");
    }
  }

  /** For modern peers over the wide area: every option, 200 ms least timeout. */
  public static TcpConfig wan(int mtu, boolean ipv6) {
    return new TcpConfig(
        mtu - (ipv6 ? FIXED_HEADERS_IPV6 : FIXED_HEADERS_IPV4),
        ipv6 ? 1220 : 536,
        256 << 10,
        256 << 10,
        true,
        true,
        true,
        true,
        millis(200),
        millis(40),
        Duration.ofMinutes(2).toNanos(),
        Duration.ofSeconds(75).toNanos(),
        Duration.ofSeconds(60).toNanos(),
        0);
  }

  /** For microcontrollers, which delay acknowledgments up to 250 ms: 300 ms least timeout. */
  public static TcpConfig device(int mtu, boolean ipv6) {
    return wan(mtu, ipv6).withMinRto(millis(300)).withBuffers(64 << 10, 64 << 10);
  }

  public TcpConfig withBuffers(int receive, int send) {
    return new TcpConfig(
        mss,
        defaultPeerMss,
        receive,
        send,
        windowScaling,
        timestamps,
        sack,
        nagle,
        minRto,
        delayedAck,
        userTimeout,
        connectTimeout,
        timeWait,
        keepAlive);
  }

  public TcpConfig withMinRto(long nanos) {
    return new TcpConfig(
        mss,
        defaultPeerMss,
        receiveBuffer,
        sendBuffer,
        windowScaling,
        timestamps,
        sack,
        nagle,
        nanos,
        delayedAck,
        userTimeout,
        connectTimeout,
        timeWait,
        keepAlive);
  }

  public TcpConfig withOptions(boolean scaling, boolean stamps, boolean selective) {
    return new TcpConfig(
        mss,
        defaultPeerMss,
        receiveBuffer,
        sendBuffer,
        scaling,
        stamps,
        selective,
        nagle,
        minRto,
        delayedAck,
        userTimeout,
        connectTimeout,
        timeWait,
        keepAlive);
  }

  public TcpConfig withNagle(boolean on) {
    return new TcpConfig(
        mss,
        defaultPeerMss,
        receiveBuffer,
        sendBuffer,
        windowScaling,
        timestamps,
        sack,
        on,
        minRto,
        delayedAck,
        userTimeout,
        connectTimeout,
        timeWait,
        keepAlive);
  }

  public TcpConfig withDelayedAck(long nanos) {
    return new TcpConfig(
        mss,
        defaultPeerMss,
        receiveBuffer,
        sendBuffer,
        windowScaling,
        timestamps,
        sack,
        nagle,
        minRto,
        nanos,
        userTimeout,
        connectTimeout,
        timeWait,
        keepAlive);
  }

  public TcpConfig withKeepAlive(long nanos) {
    return new TcpConfig(
        mss,
        defaultPeerMss,
        receiveBuffer,
        sendBuffer,
        windowScaling,
        timestamps,
        sack,
        nagle,
        minRto,
        delayedAck,
        userTimeout,
        connectTimeout,
        timeWait,
        nanos);
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
}
