package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.Segment;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A caller's SYN that was not answered yet. Decide once, on the stack's event loop: later
 * decisions, and those after the entry expired or the caller gave up, do nothing.
 */
public final class PendingConnection {

  private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

  private final Stack stack;
  private final FourTuple tuple;
  private @Nullable Future<?> expiry;
  private Segment syn;
  private boolean decided;
  private @Nullable Runnable cancelled;

  PendingConnection(Stack stack, FourTuple tuple, Segment syn) {
    this.stack = stack;
    this.tuple = tuple;
    this.syn = syn;
  }

  /** Whom the caller called. */
  public InetSocketAddress local() {
    return tuple.local();
  }

  /** The caller. */
  public InetSocketAddress remote() {
    return tuple.remote();
  }

  /** Runs when the caller gave up, called anew, or the entry expired undecided. */
  public void onCancelled(Runnable action) {
    cancelled = action;
  }

  /** How long from now on a decision may take, instead of 10 s from the call on. */
  public void deadline(Duration time) {
    if (decided) {
      return;
    }
    if (expiry != null) {
      expiry.cancel(false);
    }
    expiry = stack.eventLoop().schedule(this::cancel, time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The listener was told, and may have decided or set a deadline of its own. */
  void startDeadline() {
    if (expiry == null) {
      deadline(DEFAULT_DEADLINE);
    }
  }

  /**
   * Answers with SYN-ACK.
   *
   * @return the connection, whose handshake is under way; null when it is too late
   */
  public @Nullable Connection accept() {
    return decide() ? stack.accept(tuple, syn) : null;
  }

  /** Answers with a reset: the caller sees "connection refused". */
  public void refuse() {
    if (decide()) {
      stack.reset(syn, tuple);
    }
  }

  /** Answers nothing: the caller tries again, and is offered again. */
  public void ignore() {
    decide();
  }

  private boolean decide() {
    if (decided) {
      return false;
    }
    decided = true;
    if (expiry != null) {
      expiry.cancel(false);
    }
    stack.forget(this);
    return true;
  }

  FourTuple tuple() {
    return tuple;
  }

  /** Whether this SYN is the same one again; then its newer timestamp counts. */
  boolean isRepeatedBy(Segment again) {
    if (again.sequence() != syn.sequence()) {
      return false;
    }
    syn = again.copyOfHeader();
    return true;
  }

  boolean isResetBy(Segment reset) {
    return reset.has(Segment.RST) && reset.sequence() == syn.sequence() + 1;
  }

  void cancel() {
    if (decide() && cancelled != null) {
      cancelled.run();
    }
  }
}
