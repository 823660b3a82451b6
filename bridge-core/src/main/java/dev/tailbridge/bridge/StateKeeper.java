package dev.tailbridge.bridge;

import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.bridge.state.StateStore;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what must outlive the process: where devices were heard, what the clock has shown, and the
 * floor of our own timestamps, which runs two minutes ahead and is renewed every {@link
 * #EVERY_SECONDS}. After a restart the bridge initiates to where it last heard each device.
 *
 * <p>A thread of its own, because writing waits for the disk.
 */
final class StateKeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");
  private static final long EVERY_SECONDS = 30;

  /** A fleet that comes back changes many endpoints at once: they are written together. */
  private static final long SOON_SECONDS = 1;

  private final StateStore store;
  private final WireGuardEndpoint endpoint;
  private final Fleet fleet;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = new Thread(work, "tailbridge-state");
            made.setDaemon(true);
            return made;
          });

  private final AtomicBoolean soon = new AtomicBoolean();

  StateKeeper(StateStore store, WireGuardEndpoint endpoint, Fleet fleet) {
    this.store = store;
    this.endpoint = endpoint;
    this.fleet = fleet;
  }

  void start() {
    // save() never throws, so the repetition never ends by itself.
    var unused =
        thread.scheduleWithFixedDelay(this::save, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  /** An endpoint changed: it is written soon, so that a crash does not lose it. Any thread. */
  void saveSoon() {
    if (soon.compareAndSet(false, true)) {
      try {
        // save() never throws, so nobody need look at the future.
        var unused =
            thread.schedule(
                () -> {
                  soon.set(false);
                  save();
                },
                SOON_SECONDS,
                TimeUnit.SECONDS);
      } catch (RejectedExecutionException e) {
        // It is closing, which saves once more.
      }
    }
  }

  private void save() {
    try {
      long floor = endpoint.timestampFloor();
      var endpoints = fleet.endpoints();
      Instant now = Instant.now();
      store.update(
          state -> state.withTimestampFloor(floor).withClockSeen(now).withEndpoints(endpoints));
    } catch (StateException | RuntimeException e) {
      LOG.warn("the state was not saved, and is tried again: {}", e.getMessage());
    }
  }

  /** Saves once more, while the fleet still answers. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
        LOG.warn("the disk is slow: an earlier save of the state has not ended yet");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    save();
  }
}
