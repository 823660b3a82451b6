package dev.tailbridge.bridge.forward;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The flows of one protocol of one device, found from both sides.
 *
 * <ul>
 *   <li>No two flows have the same face for one device port, so what the device answers always has
 *       one addressee.
 *   <li>Of flows with the same tailnet tuple the newest is found from the tailnet; older ones are
 *       shadowed, and only keep their faces from being given away before they time out.
 *   <li>Never more flows than the bound. A full table gives up the flow that has been expendable
 *       for longest (an opening that nobody answered, a connection that ended), so a port scan
 *       cannot lock others out; then the one idle for longest, if its protocol can bear that.
 * </ul>
 *
 * <p>Keys are boxed {@code long}s on purpose: a {@code HashMap} turns crowded buckets into trees of
 * comparable keys, so callers cannot slow it down by choosing their ports.
 */
final class FlowTable<F extends Flow> {

  /** Makes a flow of the table's protocol. */
  interface Maker<F extends Flow> {
    F make(
        int remoteAddress,
        int remotePort,
        int tailnetPort,
        int devicePort,
        int faceAddress,
        int facePort);
  }

  private static final int LOWEST_PORT = 1024;
  private static final int PORTS = 65536 - LOWEST_PORT;

  private final int limit;
  private final Maker<F> maker;
  private final Map<Long, F> byRemote = new HashMap<>();
  private final Map<Long, F> byFace = new HashMap<>();

  /** Oldest first. */
  private final LinkedHashSet<F> expendable = new LinkedHashSet<>();

  private int nextPort;
  private long givenUp;

  /** No flow is due before this, if {@link #byFace} has any. */
  private long earliestDueNanos;

  FlowTable(int limit, Maker<F> maker) {
    this.limit = limit;
    this.maker = maker;
  }

  @Nullable F byRemote(int address, int port, int tailnetPort) {
    return byRemote.get(key(address, port, tailnetPort));
  }

  @Nullable F byFace(int address, int port, int devicePort) {
    return byFace.get(key(address, port, devicePort));
  }

  /**
   * Opens a flow of the device's own, which sees the remote machine itself. There must be none with
   * this face. It leaves from the device's port, unless that leads to another port for callers and
   * is in use so: then the answers need one of their own.
   *
   * @return null if the table is full
   */
  @Nullable F open(int address, int port, int devicePort, long nowNanos) {
    int tailnetPort = devicePort;
    F other = byRemote.get(key(address, port, tailnetPort));
    while (other != null && other.devicePort != devicePort) {
      tailnetPort = anyPort();
      other = byRemote.get(key(address, port, tailnetPort));
    }
    return add(maker.make(address, port, tailnetPort, devicePort, address, port), nowNanos);
  }

  /**
   * Opens a caller's flow, which shows the device some address: with the caller's port if that is
   * free there, else with another one from 1024 up (RFC 4787 REQ-1 to 3). At the caller's own
   * address it can only be taken when two ports of the tailnet lead to one of the device.
   *
   * @param mayFace which ports of that address callers may be shown with; nearly all
   * @return null if the table is full
   */
  @Nullable F openWithFace(
      int address,
      int port,
      int tailnetPort,
      int devicePort,
      int faceAddress,
      IntPredicate mayFace,
      long nowNanos) {
    int facePort = port;
    while (byFace.containsKey(key(faceAddress, facePort, devicePort)) || !mayFace.test(facePort)) {
      facePort = anyPort();
    }
    return add(maker.make(address, port, tailnetPort, devicePort, faceAddress, facePort), nowNanos);
  }

  /** Who looks for a free one this way finds it: flows are far fewer than ports. */
  private int anyPort() {
    int port = LOWEST_PORT + nextPort;
    nextPort = (nextPort + 1) % PORTS;
    return port;
  }

  private @Nullable F add(F flow, long nowNanos) {
    if (byFace.size() >= limit && !giveOneUp()) {
      return null;
    }
    byFace.put(key(flow.faceAddress, flow.facePort, flow.devicePort), flow);
    F older = byRemote.put(key(flow.remoteAddress, flow.remotePort, flow.tailnetPort), flow);
    if (older != null) {
      older.shadowed = true;
    }
    expendable.add(flow);
    flow.lastNanos = nowNanos;
    noteDue(flow);
    return flow;
  }

  private boolean giveOneUp() {
    F victim = null;
    if (!expendable.isEmpty()) {
      victim = expendable.iterator().next();
    } else {
      for (F flow : byFace.values()) {
        if (flow.replaceable() && (victim == null || flow.lastNanos - victim.lastNanos < 0)) {
          victim = flow;
        }
      }
    }
    if (victim == null) {
      return false;
    }
    remove(victim);
    givenUp++;
    return true;
  }

  /** Notes that a packet of the flow passed, after the flow itself has followed it. */
  void passed(F flow, long nowNanos) {
    flow.lastNanos = nowNanos;
    noteDue(flow);
    if (!flow.expendable()) {
      expendable.remove(flow);
    } else {
      expendable.add(flow);
    }
  }

  void remove(F flow) {
    byFace.remove(key(flow.faceAddress, flow.facePort, flow.devicePort));
    unlink(flow);
  }

  /** Removes those of which this is true; looks at all. */
  void removeIf(Predicate<F> condition) {
    byFace.values().stream().filter(condition).toList().forEach(this::remove);
  }

  /** Removes the flows that have been idle for too long; looks at all only if one can be due. */
  void expire(long nowNanos) {
    if (byFace.isEmpty() || nowNanos - earliestDueNanos < 0) {
      return;
    }
    long earliest = Long.MAX_VALUE;
    for (var flows = byFace.values().iterator(); flows.hasNext(); ) {
      F flow = flows.next();
      if (flow.isDue(nowNanos)) {
        flows.remove();
        unlink(flow);
      } else {
        earliest = Math.min(earliest, flow.lastNanos + flow.timeoutNanos() - nowNanos);
      }
    }
    earliestDueNanos = nowNanos + earliest;
  }

  void clear() {
    byRemote.clear();
    byFace.clear();
    expendable.clear();
  }

  int size() {
    return byFace.size();
  }

  long givenUp() {
    return givenUp;
  }

  private void unlink(F flow) {
    byRemote.remove(key(flow.remoteAddress, flow.remotePort, flow.tailnetPort), flow);
    expendable.remove(flow);
  }

  /** Keeps {@link #earliestDueNanos} a lower bound: a flow's state may have shortened its time. */
  private void noteDue(F flow) {
    long due = flow.lastNanos + flow.timeoutNanos();
    if (byFace.size() == 1 || due - earliestDueNanos < 0) {
      earliestDueNanos = due;
    }
  }

  private static Long key(int address, int port, int ownPort) {
    return (long) address << 32 | (long) port << 16 | ownPort;
  }
}
