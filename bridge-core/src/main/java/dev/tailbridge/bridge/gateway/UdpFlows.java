package dev.tailbridge.bridge.gateway;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The UDP flows of one rule in one tunnel, on the tunnel's event loop.
 *
 * <ul>
 *   <li>A flow ends when its caller was silent for too long.
 *   <li>A rule that has as many flows as it may gives up the one in this tunnel whose caller has
 *       been silent for longest: who calls from a new port each time, as resolvers do, must not
 *       lock itself out. Only where this tunnel has none is the caller refused.
 * </ul>
 */
final class UdpFlows<F extends UdpFlow> {

  private final EventLoop loop;
  private final long idleNanos;
  private final Traffic traffic;
  private final LongSupplier nanoTime;

  /** The one whose caller has been silent for longest is the first. */
  private final Map<InetSocketAddress, F> flows =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);

  private @Nullable ScheduledFuture<?> check;

  UdpFlows(EventLoop loop, Duration idle, Traffic traffic, LongSupplier nanoTime) {
    this.loop = loop;
    this.idleNanos = idle.toNanos();
    this.traffic = traffic;
    this.nanoTime = nanoTime;
  }

  /** The flow of a caller who is heard now; null for a new one. */
  @Nullable F heard(InetSocketAddress caller) {
    F flow = flows.get(caller);
    if (flow != null) {
      flow.heardNanos = nanoTime.getAsLong();
    }
    return flow;
  }

  /** Makes room for one more flow, which {@link #add} is owed for; false when there is none. */
  boolean makeRoom() {
    if (traffic.tryBegin()) {
      return true;
    }
    if (!flows.isEmpty()) {
      end(flows.values().iterator().next());
      traffic.displaced();
      if (traffic.tryBegin()) {
        return true;
      }
    }
    traffic.refused();
    return false;
  }

  /** Adds the flow of a caller who has none, and is heard now. */
  void add(F flow) {
    flow.heardNanos = nanoTime.getAsLong();
    flows.put(flow.caller, flow);
    if (check == null) {
      checkAfter(idleNanos);
    }
  }

  /** Ends a flow, if it has not ended yet. */
  void end(F flow) {
    if (flows.remove(flow.caller, flow)) {
      ended(flow);
    }
  }

  /** Ends all. */
  void endAll() {
    new ArrayList<>(flows.values()).forEach(this::end);
    if (check != null) {
      check.cancel(false);
      check = null;
    }
  }

  private void ended(F flow) {
    flow.close();
    traffic.end();
  }

  private void checkAfter(long nanos) {
    check = loop.schedule(this::expire, nanos, TimeUnit.NANOSECONDS);
  }

  private void expire() {
    check = null;
    long now = nanoTime.getAsLong();
    for (Iterator<F> oldest = flows.values().iterator(); oldest.hasNext(); ) {
      F flow = oldest.next();
      long left = idleNanos - (now - flow.heardNanos);
      if (left > 0) {
        checkAfter(left);
        return;
      }
      oldest.remove();
      traffic.idled();
      ended(flow);
    }
  }
}
