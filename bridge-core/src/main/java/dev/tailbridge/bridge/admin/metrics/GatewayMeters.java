package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.GatewayView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;

/** The metrics of one gateway rule. Labels have fixed sets of values besides its name. */
final class GatewayMeters {
  private final Meters<GatewayView> meters;

  /** Its name: of the rules at one port, each is for other devices. */
  record Name(String rule, String from) {
    static Name of(GatewayView view) {
      return new Name(view.health(), view.from());
    }
  }

  GatewayMeters(MeterRegistry registry, GatewayView view) {
    this.meters = new Meters<>(registry, Tags.of("rule", view.health(), "from", view.from()), view);
    meters
        .gauge(
            "bridge.gateway.connections",
            "Connections of the rule, or flows where it is for UDP.",
            GatewayView::open)
        .counter(
            "bridge.gateway.dropped.datagrams",
            "Datagrams that did not fit into the tunnel, or came when they could not be passed on.",
            GatewayView::dropped);
    calls("accepted", GatewayView::connections);
    calls("refused", GatewayView::refused);
    calls("failed", GatewayView::failed);
    ended("idle", GatewayView::idled);
    ended("displaced", GatewayView::displaced);
    bytes("to_target", GatewayView::bytesToTarget);
    bytes("from_target", GatewayView::bytesFromTarget);
  }

  void show(GatewayView view) {
    meters.show(view);
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
        value);
  }

  private void ended(String cause, ToDoubleFunction<GatewayView> value) {
    meters.counter(
        "bridge.gateway.ended",
        "Connections that were ended because they were silent, and flows that gave way to newer ones.",
        Tags.of("cause", cause),
        value);
  }

  private void bytes(String direction, ToDoubleFunction<GatewayView> value) {
    meters.counter(
        "bridge.gateway.bytes",
        "Payload that the rule carried.",
        Tags.of("direction", direction),
        value);
  }
}
