package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.GatewayView;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The meters of all gateway rules, as they come and go; at most {@value #MOST_RULES}. */
final class GatewayRules {
  static final int MOST_RULES = 500;

  private final MeterRegistry registry;
  private final Map<String, GatewayMeters> rules = new HashMap<>();

  GatewayRules(MeterRegistry registry) {
    this.registry = registry;
  }

  void show(List<GatewayView> views) {
    Map<String, List<GatewayView>> named =
        views.stream()
            .collect(
                Collectors.groupingBy(
                    GatewayView::health, LinkedHashMap::new, Collectors.toList()));
    Set<String> gone = new HashSet<>(rules.keySet());
    named.entrySet().stream()
        .limit(MOST_RULES)
        .forEach(
            rule -> {
              gone.remove(rule.getKey());
              show(rule.getKey(), rule.getValue());
            });
    gone.forEach(this::remove);
  }

  private void remove(String rule) {
    GatewayMeters meters = rules.remove(rule);
    if (meters != null) {
      meters.remove();
    }
  }

  private void show(String rule, List<GatewayView> views) {
    GatewayMeters meters = rules.get(rule);
    if (meters == null) {
      rules.put(rule, new GatewayMeters(registry, rule, views));
    } else {
      meters.show(views);
    }
  }
}
