package dev.tailbridge.wireguard;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * What other threads have for an event loop, in the order in which it was put in. It is taken out
 * in batches, each of which ends with one flush.
 *
 * <p>Invariant: whenever the queue is not empty, a task of the loop is on its way to empty it,
 * because whoever adds looks at the flag after adding, and the task clears it before looking.
 */
final class LoopInbox {

  /** So that a full box does not keep the loop from its sockets. */
  private static final int BATCH = 256;

  private final EventLoop loop;
  private final Consumer<LongConsumer> batch;
  private final Queue<LongConsumer> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * @param batch runs on the loop what it is given, at the time of now, and flushes
   */
  LoopInbox(EventLoop loop, Consumer<LongConsumer> batch) {
    this.loop = loop;
    this.batch = batch;
  }

  /** From any thread. After the loop has ended, work is forgotten. */
  void add(LongConsumer work) {
    waiting.add(work);
    schedule();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        loop.execute(this::drain);
      } catch (RejectedExecutionException e) {
        waiting.clear();
      }
    }
  }

  private void drain() {
    scheduled.set(false);
    try {
      batch.accept(this::takeOut);
    } finally {
      if (!waiting.isEmpty()) {
        schedule();
      }
    }
  }

  private void takeOut(long now) {
    LongConsumer work = waiting.poll();
    for (int i = 1; work != null; i++) {
      work.accept(now);
      work = i < BATCH ? waiting.poll() : null;
    }
  }
}
