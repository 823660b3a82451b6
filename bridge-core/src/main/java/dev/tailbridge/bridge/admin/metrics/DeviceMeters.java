package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.DeviceView;
import dev.tailbridge.bridge.admin.NodeTrafficView;
import dev.tailbridge.bridge.admin.SplicesView;
import dev.tailbridge.tailnet.NodeState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one device.
 *
 * <p>Their labels have fixed sets of values, so a device has a bounded number of series whatever
 * its callers do: nothing here is labelled with an address, a port or a caller.
 */
final class DeviceMeters {
  private static final List<String> RESCUES = List.of("sent", "answered", "unanswered");
  private static final List<String> PATHS = List.of("direct", "derp", "none");
  private static final List<String> CHANGES = List.of("first", "port", "address");

  private final Meters<DeviceView> meters;
  private final boolean hasNode;
  private final boolean hasSplices;
  private final Set<String> reasons = new HashSet<>();

  DeviceMeters(MeterRegistry registry, DeviceView device) {
    this.meters = new Meters<>(registry, Tags.of("device", device.name()), device);
    this.hasNode = device.tailnet() != null;
    this.hasSplices = device.splices() != null;
    wireGuard();
    if (hasNode) {
      node();
    }
    if (hasSplices) {
      splices();
    }
    show(device);
  }

  /** Whether the device still is of the kind that these are for. */
  boolean fits(DeviceView device) {
    return (device.tailnet() != null) == hasNode && (device.splices() != null) == hasSplices;
  }

  void show(DeviceView device) {
    meters.show(device);
    // Most reasons never occur, so they begin to exist with their first drop.
    for (String reason : device.drops().keySet()) {
      if (reasons.add(reason)) {
        meters.counter(
            "bridge.device.drops",
            "Packets and datagrams of the device that were dropped.",
            Tags.of("reason", reason),
            now -> now.drops().getOrDefault(reason, 0L));
      }
    }
  }

  void remove() {
    meters.remove();
  }

  private void wireGuard() {
    meters
        .gauge(
            "bridge.device.up",
            "1 when the device is online, else 0.",
            device -> device.state().equals("online") ? 1 : 0)
        .gauge(
            "bridge.device.last.handshake.seconds",
            "When its last handshake completed, Unix time; 0 before the first.",
            device -> epochSeconds(device.lastHandshake(), 0))
        .gauge(
            "bridge.device.findings",
            "How many things about it somebody can mend.",
            device -> device.findings().size())
        .counter("bridge.device.rx.bytes", "WireGuard bytes from the device.", DeviceView::rxBytes)
        .counter("bridge.device.tx.bytes", "WireGuard bytes to the device.", DeviceView::txBytes);
    handshakes("completed", device -> device.handshakes().completed());
    handshakes("abandoned", device -> device.handshakes().abandoned());
    for (String result : RESCUES) {
      meters.counter(
          "bridge.reverse.handshakes",
          "Handshakes of the bridge's own with a device whose clock was set back.",
          Tags.of("result", result),
          device -> device.rescues().getOrDefault(result, 0L));
    }
    for (String change : CHANGES) {
      meters.counter(
          "bridge.endpoint.changes",
          "How often the device was heard at another address or port.",
          Tags.of("change", change),
          device -> device.moves().getOrDefault(change, 0L));
    }
  }

  private void handshakes(String result, ToDoubleFunction<DeviceView> value) {
    meters.counter(
        "bridge.handshakes",
        "Handshakes with the device, by how they ended.",
        Tags.of("result", result),
        value);
  }

  private void node() {
    Stream.of(NodeState.values())
        .map(NodeState::toString)
        .forEach(
            state ->
                meters.gauge(
                    "bridge.node.state",
                    "1 for the state that the device's tailnet node is in, else 0.",
                    Tags.of("state", state),
                    device -> state.equals(device.nodeState()) ? 1 : 0));
    for (String path : PATHS) {
      meters.gauge(
          "bridge.tailnet.path",
          "1 for the way by which its node reaches the machines that it talks with, else 0; derp when"
              + " some are reached by a relay alone.",
          Tags.of("path", path),
          device -> path.equals(device.tailnetPath()) ? 1 : 0);
    }
    meters
        .gauge(
            "bridge.node.key.expiry.seconds",
            "When the key of its node ends, Unix time; NaN when it does not.",
            device -> epochSeconds(device.keyExpiry(), Double.NaN))
        .counter(
            "bridge.node.rx.bytes", "IP bytes from the tailnet.", traffic(NodeTrafficView::rxBytes))
        .counter(
            "bridge.node.tx.bytes", "IP bytes to the tailnet.", traffic(NodeTrafficView::txBytes))
        .counter(
            "bridge.node.drops",
            "Packets dropped between the bridge and the device's tailnet node.",
            traffic(NodeTrafficView::dropped));
  }

  private void splices() {
    connections("open", SplicesView::open);
    connections("dialing", SplicesView::dialing);
    connections("waiting", SplicesView::waiting);
    calls("accepted", SplicesView::accepted);
    calls("refused", SplicesView::refused);
    calls("unanswered", SplicesView::unanswered);
    calls("abandoned", SplicesView::abandoned);
    meters.counter(
        "bridge.splice.dial.seconds",
        "Time that accepted calls waited for the called machine; divided by their number, the"
            + " round trip to it.",
        splice(SplicesView::dialSeconds));
  }

  private void connections(String state, ToDoubleFunction<SplicesView> value) {
    meters.gauge(
        "bridge.splice.connections",
        "Spliced TCP connections of the device.",
        Tags.of("state", state),
        splice(value));
  }

  private void calls(String result, ToDoubleFunction<SplicesView> value) {
    meters.counter(
        "bridge.splice.calls",
        "Calls to and from the device that were spliced, by how they were answered.",
        Tags.of("result", result),
        splice(value));
  }

  private static ToDoubleFunction<DeviceView> splice(ToDoubleFunction<SplicesView> value) {
    return device -> device.splices() == null ? 0 : value.applyAsDouble(device.splices());
  }

  private static ToDoubleFunction<DeviceView> traffic(ToDoubleFunction<NodeTrafficView> value) {
    return device -> device.nodeTraffic() == null ? 0 : value.applyAsDouble(device.nodeTraffic());
  }

  private static double epochSeconds(@Nullable String time, double absent) {
    return time == null ? absent : Instant.parse(time).toEpochMilli() / 1e3;
  }
}
