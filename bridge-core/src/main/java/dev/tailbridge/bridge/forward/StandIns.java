package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Ipv6Address;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * IPv4 addresses that stand in for IPv6 callers, inside the forwarder only: out of 0.0.0.0/8, which
 * no packet from outside can have. With them a caller has the same flows, faces and limits as any
 * other.
 *
 * <ul>
 *   <li>A caller keeps its stand-in while packets pass, and then for as long as any flow of it can
 *       live.
 *   <li>Never more than the bound: the caller that was silent for longest gives way. Its flows may
 *       still be there, so its stand-in is not given to anybody else until they cannot be.
 * </ul>
 */
final class StandIns {

  /** The longest that a UDP flow or a ping may be idle; TCP has no stand-ins. */
  static final long TIMEOUT = Flow.Datagrams.UDP_TIMEOUT;

  /** The whole range from 0.0.0.1. */
  static final int RANGE = 0x00ff_ffff;

  private static final class Caller {
    final Ipv6Address address;
    final int standIn;
    long lastNanos;

    Caller(Ipv6Address address, int standIn, long lastNanos) {
      this.address = address;
      this.standIn = standIn;
      this.lastNanos = lastNanos;
    }
  }

  private final int limit;
  private final int range;

  /** Silent for longest first. */
  private final Map<Ipv6Address, Caller> byAddress = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<Integer, Caller> byStandIn = new HashMap<>();
  private int last;
  private boolean allWereGiven;
  private boolean oneGaveWay;
  private long gaveWayNanos;

  /**
   * @param limit callers at a time, less than {@code range}
   * @param range how many different stand-ins there are, at most {@link #RANGE}
   */
  StandIns(int limit, int range) {
    this.limit = limit;
    this.range = range;
  }

  /** Whether an address is of the range that is used here. */
  static boolean isStandIn(int address) {
    return address >>> 24 == 0;
  }

  /**
   * The stand-in for a caller of whom a packet has come.
   *
   * @return 0 if there is none that nobody's flows may still have
   */
  int of(Ipv6Address address, long nowNanos) {
    int existing = existing(address, nowNanos);
    return existing != 0 ? existing : add(address, nowNanos);
  }

  /** The stand-in that a caller has already, or 0. */
  int existing(Ipv6Address address, long nowNanos) {
    Caller caller = byAddress.get(address);
    if (caller == null) {
      return 0;
    }
    caller.lastNanos = nowNanos;
    return caller.standIn;
  }

  /** Who is behind a stand-in to whom a packet goes; null if it had to give way. */
  @Nullable Ipv6Address callerOf(int standIn, long nowNanos) {
    Caller caller = byStandIn.get(standIn);
    if (caller == null) {
      return null;
    }
    // Moves it to the end of the order.
    byAddress.get(caller.address);
    caller.lastNanos = nowNanos;
    return caller.address;
  }

  /** Who is behind a stand-in, without any packet having passed. */
  @Nullable Ipv6Address peek(int standIn) {
    Caller caller = byStandIn.get(standIn);
    return caller == null ? null : caller.address;
  }

  private int add(Ipv6Address address, long nowNanos) {
    if (allWereGiven && oneGaveWay && nowNanos - gaveWayNanos < TIMEOUT) {
      return 0;
    }
    do {
      last = last % range + 1;
      allWereGiven |= last == range;
    } while (byStandIn.containsKey(last));
    if (byAddress.size() >= limit) {
      removeEldest();
      oneGaveWay = true;
      gaveWayNanos = nowNanos;
    }
    Caller caller = new Caller(address, last, nowNanos);
    byAddress.put(address, caller);
    byStandIn.put(last, caller);
    return last;
  }

  /** Forgets callers that were silent for so long that all their flows are gone. */
  void expire(long nowNanos) {
    while (!byAddress.isEmpty()
        && nowNanos - byAddress.values().iterator().next().lastNanos >= TIMEOUT) {
      removeEldest();
    }
  }

  void clear() {
    byAddress.clear();
    byStandIn.clear();
  }

  int size() {
    return byAddress.size();
  }

  private void removeEldest() {
    var eldest = byAddress.values().iterator();
    byStandIn.remove(eldest.next().standIn);
    eldest.remove();
  }
}
