package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.protocol.HandshakeWorkers;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads for handshake mathematics of one endpoint. Daemon threads, that begin with the first
 * handshake and end with {@link #close}; what waits then is forgotten.
 */
final class HandshakeThreads implements HandshakeWorkers {

  private static final Logger log = LoggerFactory.getLogger(HandshakeThreads.class);

  private final LongSupplier nanoClock;
  private final int most;

  /** Guarded by this, as all below. */
  private final Queue<LongConsumer> first = new ArrayDeque<>();

  private final Queue<LongConsumer> rest = new ArrayDeque<>();
  private int running;
  private int idle;
  private boolean closed;

  /**
   * @param most how many threads there may be, at least 1
   */
  HandshakeThreads(int most, LongSupplier nanoClock) {
    this.most = most;
    this.nanoClock = nanoClock;
  }

  @Override
  public void execute(LongConsumer mathematics) {
    add(rest, mathematics);
  }

  @Override
  public void executeFirst(LongConsumer mathematics) {
    add(first, mathematics);
  }

  private synchronized void add(Queue<LongConsumer> queue, LongConsumer mathematics) {
    if (closed) {
      return;
    }
    queue.add(mathematics);
    if (idle >= first.size() + rest.size()) {
      notify();
    } else if (running < most) {
      running++;
      Thread thread = new Thread(this::work, "wireguard-handshake-" + running);
      thread.setDaemon(true);
      thread.start();
    } else {
      notify();
    }
  }

  private void work() {
    LongConsumer mathematics = next();
    while (mathematics != null) {
      try {
        mathematics.accept(nanoClock.getAsLong());
      } catch (RuntimeException e) {
        log.error("A handshake failed; the peer will try again", e);
      }
      mathematics = next();
    }
  }

  private synchronized @Nullable LongConsumer next() {
    while (!closed) {
      LongConsumer mathematics = first.isEmpty() ? rest.poll() : first.poll();
      if (mathematics != null) {
        return mathematics;
      }
      idle++;
      try {
        wait();
      } catch (InterruptedException e) {
        // Nobody interrupts these threads; closed is what ends them.
      } finally {
        idle--;
      }
    }
    return null;
  }

  synchronized void close() {
    closed = true;
    first.clear();
    rest.clear();
    notifyAll();
  }
}
