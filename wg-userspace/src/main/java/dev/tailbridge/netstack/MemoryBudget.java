package dev.tailbridge.netstack;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How much memory buffers of connections should take: of a stack, or of all stacks that share a
 * total. Thread-safe.
 *
 * <p>At the limit memory is scarce: data behind gaps is dropped, windows and send buffers shrink to
 * a few segments as they empty, and nobody new is let in. What peers were offered before is still
 * taken, so the limit may be passed by that much; nothing that was acknowledged is dropped.
 */
public final class MemoryBudget {

  private final long limit;
  private final @Nullable MemoryBudget total;
  private final AtomicLong used = new AtomicLong();

  /** A budget of so many bytes that stacks may share as their total. */
  public MemoryBudget(long limit) {
    this(limit, null);
  }

  MemoryBudget(long limit, @Nullable MemoryBudget total) {
    this.limit = limit;
    this.total = total;
  }

  /** Bytes in use. */
  public long used() {
    return used.get();
  }

  public boolean isScarce() {
    return used.get() >= limit || (total != null && total.isScarce());
  }

  void change(long bytes) {
    used.addAndGet(bytes);
    if (total != null) {
      total.change(bytes);
    }
  }
}
