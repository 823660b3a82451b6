package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.GatewayView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of one gateway rule, or of those that listen at one port for different devices: they
 * have one name, and are added up. Labels have fixed sets of values besides that name.
 */
final class GatewayMeters {
  private final Meters<List<GatewayView>> meters;

  /**
   * @param rule what it is called, as in {@code egress:9000}
   * @param views at least one
   */
  GatewayMeters(MeterRegistry registry, String rule, List<GatewayView> views) {
    this.meters = new Meters<>(registry, Tags.of("rule", rule), views);
    meters
        .gauge(
            "bridge.gateway.connections",
            "Connections of the rule, or flows where it is for UDP.",
            sum(GatewayView::open))
        .counter(
            "bridge.gateway.dropped.datagrams",
            "Datagrams that did not fit into the tunnel, or came when they could not be passed on.",
            sum(GatewayView::dropped));
    calls("accepted", GatewayView::connections);
    calls("refused", GatewayView::refused);
    calls("failed", GatewayView::failed);
    ended("idle", GatewayView::idled);
    ended("displaced", GatewayView::displaced);
    bytes("to_target", GatewayView::bytesToTarget);
    bytes("from_target", GatewayView::bytesFromTarget);
  }

  void show(List<GatewayView> views) {
    meters.show(views);
  }

  void remove() {
    meters.remove();
  }

  private void calls(String result, ToDoubleFunction<GatewayView> value) {
    meters.counter(
        "bridge.gateway.calls",
        "Callers of the rule: passed on, refused because there were too many, or failed because the"
            + " target could not be reached.",
        Tags.of("result", result),
        sum(value));
  }

  private void ended(String cause, ToDoubleFunction<GatewayView> value) {
    meters.counter(
        "bridge.gateway.ended",
        "Connections that were ended because they were silent, and flows that gave way to newer ones.",
        Tags.of("cause", cause),
        sum(value));
  }

  private void bytes(String direction, ToDoubleFunction<GatewayView> value) {
    meters.counter(
        "bridge.gateway.bytes",
        "Payload that the rule carried.",
        Tags.of("direction", direction),
        sum(value));
  }

  private static ToDoubleFunction<List<GatewayView>> sum(ToDoubleFunction<GatewayView> value) {
    return views -> views.stream().mapToDouble(value).sum();
  }
}
