package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.NodeHost;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeListener;
import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.tailnet.TailnetNode;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a process with tailnet nodes running: starts another one in the place of one that ended,
 * after 1 s, and twice as long each time that it does not last, up to a minute.
 *
 * <p>Devices wait for it to be back, and hold what does not depend on it: their WireGuard sessions,
 * and the TCP connections, which end in the bridge.
 */
final class Sidecar implements NodeHost {

  private static final Logger LOG = LoggerFactory.getLogger("tailnet");
  private static final long LONGEST_WAIT_SECONDS = 60;

  /** One that ran so long was well; what ends it is no consequence of the last end. */
  private static final long LASTED_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** Starts the process and waits until it is there. */
  interface Opener {
    Tailnet open() throws TailnetLibraryException;
  }

  private final Opener opener;
  private final ScheduledExecutorService starter;
  private volatile Tailnet current;
  private volatile CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);
  private volatile int restarts;

  // Guarded by this.
  private long openedNanos;
  private int ends;
  private boolean closed;

  /**
   * Starts it.
   *
   * @throws TailnetLibraryException when it does not run here at all
   */
  Sidecar(Opener opener) throws TailnetLibraryException {
    this.opener = opener;
    this.current = opener.open();
    this.starter =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "sidecar-starter");
              thread.setDaemon(true);
              return thread;
            });
    watch();
  }

  private synchronized void watch() {
    openedNanos = System.nanoTime();
    LOG.info("the sidecar runs, process {}", current.childPid().orElse(0));
    var unused = current.lost().thenAccept(this::ended);
  }

  private synchronized void ended(String reason) {
    if (closed) {
      return;
    }
    ready = new CompletableFuture<>();
    if (System.nanoTime() - openedNanos > LASTED_NANOS) {
      ends = 0;
    }
    startLater(reason);
  }

  private void startLater(String reason) {
    long wait = Math.min(LONGEST_WAIT_SECONDS, 1L << Math.min(ends++, 10));
    LOG.error("{}: its nodes are offline until it starts again, in {} s", reason, wait);
    var unused = starter.schedule(this::startAgain, wait, TimeUnit.SECONDS);
  }

  private void startAgain() {
    try {
      Tailnet opened = opener.open();
      synchronized (this) {
        if (closed) {
          var unused = opened.close(Duration.ZERO);
          return;
        }
        restarts++;
        current = opened;
        ready.complete(null);
        watch(); // which finds out if it has ended since
      }
    } catch (TailnetLibraryException | RuntimeException e) {
      synchronized (this) {
        if (!closed) {
          startLater("the sidecar does not start: " + e.getMessage());
        }
      }
    }
  }

  @Override
  public TailnetNode start(NodeConfig config, EventLoop loop, NodeListener listener) {
    return current.start(config, loop, listener);
  }

  @Override
  public CompletableFuture<Void> ready() {
    return ready;
  }

  /** The process that runs, or ran last. */
  Tailnet current() {
    return current;
  }

  /** How often another one took the place of one that ended. */
  int restarts() {
    return restarts;
  }

  /**
   * Ends it for good.
   *
   * @return whether all its nodes were closed before the deadline
   */
  synchronized CompletableFuture<Boolean> close(Duration deadline) {
    closed = true;
    starter.shutdownNow();
    CompletableFuture<Boolean> done = current.close(deadline);
    return ready.isDone() ? done : CompletableFuture.completedFuture(true);
  }
}
