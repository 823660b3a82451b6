package dev.tailbridge.bridge;

import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.bridge.state.StateStore;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what must outlive the process: where devices were heard, and the floor of our own
 * timestamps, which runs two minutes ahead and is renewed every {@link #EVERY_SECONDS}.
 *
 * <p>A thread of its own, because writing waits for the disk.
 */
final class StateKeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");
  private static final long EVERY_SECONDS = 30;

  private final StateStore store;
  private final Fleet fleet;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = new Thread(work, "tailbridge-state");
            made.setDaemon(true);
            return made;
          });

  StateKeeper(StateStore store, Fleet fleet) {
    this.store = store;
    this.fleet = fleet;
  }

  void start() {
    // save() never throws, so the repetition never ends by itself.
    var unused =
        thread.scheduleWithFixedDelay(this::save, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private void save() {
    try {
      long floor = fleet.endpoint().timestampFloor();
      var endpoints = fleet.endpoints();
      store.update(state -> state.withTimestampFloor(floor).withEndpoints(endpoints));
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
