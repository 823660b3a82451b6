package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.BridgeView;
import dev.tailbridge.bridge.admin.DeviceView;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a bridge in Prometheus' text format.
 *
 * <ul>
 *   <li>Bounded: at most {@value #MOST_DEVICES} devices and {@value GatewayRules#MOST_RULES}
 *       gateway rules, each with fixed sets of labels.
 *   <li>A device that is gone takes its series along; one that joined again counts from zero.
 *   <li>Thread-safe; one scrape at a time.
 * </ul>
 */
public final class Metrics implements AutoCloseable {

  /** The content type of {@link #scrape}. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  static final int MOST_DEVICES = 1000;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, DeviceMeters> devices = new HashMap<>();
  private final GatewayRules gateways = new GatewayRules(registry);
  private @Nullable BridgeMeters bridge;
  private int leftOut;

  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    Gauge.builder("bridge.metrics.devices.left.out", this, metrics -> metrics.leftOut)
        .description("Devices without metrics, because there are more than " + MOST_DEVICES + ".")
        .register(registry);
  }

  /** The text for a picture of the bridge. */
  public synchronized String scrape(BridgeView view) {
    if (bridge == null) {
      bridge = new BridgeMeters(registry, view);
    } else {
      bridge.show(view);
    }
    List<DeviceView> shown = view.devices().stream().limit(MOST_DEVICES).toList();
    leftOut = view.devices().size() - shown.size();
    Set<String> gone = new HashSet<>(devices.keySet());
    for (DeviceView device : shown) {
      gone.remove(device.name());
      show(device);
    }
    gone.forEach(this::remove);
    gateways.show(view.gateways());
    return registry.scrape();
  }

  private void show(DeviceView device) {
    DeviceMeters meters = devices.get(device.name());
    if (meters != null && meters.fits(device)) {
      meters.show(device);
    } else {
      remove(device.name());
      devices.put(device.name(), new DeviceMeters(registry, device));
    }
  }

  private void remove(String device) {
    DeviceMeters meters = devices.remove(device);
    if (meters != null) {
      meters.remove();
    }
  }

  @Override
  public synchronized void close() {
    registry.close();
  }
}
