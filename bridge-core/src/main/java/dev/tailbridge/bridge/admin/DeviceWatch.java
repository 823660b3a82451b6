package dev.tailbridge.bridge.admin;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the devices and the sidecar twice a second, while somebody watches, and logs what is
 * different. So what changed while nobody did comes as one event for each device. Thread-safe.
 */
final class DeviceWatch implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DeviceWatch.class);
  private static final long EVERY_MILLIS = 500;
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private final BridgeStatus status;
  private final EventLog log;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = new Thread(work, "admin-events");
            made.setDaemon(true);
            return made;
          });
  private Map<String, DeviceSummary> known = new LinkedHashMap<>();
  private @Nullable SidecarSummary sidecar;
  private int watchers;
  private @Nullable ScheduledFuture<?> turns;

  DeviceWatch(BridgeStatus status, EventLog log) {
    this.status = status;
    this.log = log;
  }

  /**
   * All devices, and the sidecar if there is one, as JSON, and the number of the event after which
   * that is how they are.
   */
  record Picture(long number, String devices, @Nullable String sidecar) {}

  /** Somebody watches from now on, until {@link #end}. */
  synchronized void begin() {
    look();
    if (watchers++ == 0) {
      turns =
          thread.scheduleWithFixedDelay(
              this::turn, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  synchronized void end() {
    if (--watchers == 0 && turns != null) {
      turns.cancel(false);
    }
  }

  synchronized Picture picture() {
    return new Picture(
        log.last(),
        GSON.toJson(new ArrayList<>(known.values())),
        sidecar == null ? null : GSON.toJson(sidecar));
  }

  private void turn() {
    try {
      look();
    } catch (RuntimeException e) {
      // A loop hangs, or the bridge ends: /healthz tells, and the next turn may see more.
      logger.debug("cannot look at the devices: {}", e.toString());
    }
  }

  private synchronized void look() {
    Map<String, DeviceSummary> now = new LinkedHashMap<>();
    BridgeView view = status.view();
    for (DeviceView device : view.devices()) {
      now.put(device.name(), DeviceSummary.of(device));
    }
    List<String> gone = known.keySet().stream().filter(name -> !now.containsKey(name)).toList();
    gone.forEach(name -> log.add("removed", GSON.toJson(Map.of("name", name))));
    now.forEach(
        (name, device) -> {
          if (!device.equals(known.get(name))) {
            log.add("device", GSON.toJson(device));
          }
        });
    known = now;
    look(view.process().sidecar());
  }

  private void look(@Nullable SidecarView view) {
    SidecarSummary now = view == null ? null : SidecarSummary.of(view);
    if (now != null && !now.equals(sidecar)) {
      log.add("sidecar", GSON.toJson(now));
    }
    sidecar = now;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
