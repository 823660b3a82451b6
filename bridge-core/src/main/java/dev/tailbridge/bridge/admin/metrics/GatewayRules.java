package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.GatewayView;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The meters of all gateway rules, as they come and go; at most {@value #MOST_RULES}. */
final class GatewayRules {
  static final int MOST_RULES = 500;

  private final MeterRegistry registry;
  private final Map<GatewayMeters.Name, GatewayMeters> rules = new HashMap<>();

  GatewayRules(MeterRegistry registry) {
    this.registry = registry;
  }

  void show(List<GatewayView> views) {
    Map<GatewayMeters.Name, GatewayView> named = new LinkedHashMap<>();
    views.stream().limit(MOST_RULES).forEach(v -> named.putIfAbsent(GatewayMeters.Name.of(v), v));
    Set<GatewayMeters.Name> gone = new HashSet<>(rules.keySet());
    gone.removeAll(named.keySet());
    gone.forEach(this::remove);
    named.forEach(this::show);
  }

  private void remove(GatewayMeters.Name name) {
    GatewayMeters meters = rules.remove(name);
    if (meters != null) {
      meters.remove();
    }
  }

  private void show(GatewayMeters.Name name, GatewayView view) {
    GatewayMeters meters = rules.get(name);
    if (meters == null) {
      rules.put(name, new GatewayMeters(registry, view));
    } else {
      meters.show(view);
    }
  }
}
