package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.Segment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The callers of a stack that wait for a decision, bounded in all and for each address. */
final class PendingConnections {

  private final Stack stack;
  private final int most;
  private final int mostFromOne;
  private final Map<FourTuple, PendingConnection> waiting = new HashMap<>();

  PendingConnections(Stack stack, int most, int mostFromOne) {
    this.stack = stack;
    this.most = most;
    this.mostFromOne = mostFromOne;
  }

  int size() {
    return waiting.size();
  }

  /** Whether the segment concerned a caller that waits, and needs nothing else done about it. */
  boolean take(FourTuple tuple, Segment segment) {
    PendingConnection caller = waiting.get(tuple);
    if (caller == null) {
      return false;
    }
    if (!segment.isOpening()) {
      if (caller.isResetBy(segment)) {
        caller.cancel();
      }
      return true;
    }
    if (caller.isRepeatedBy(segment)) {
      return true;
    }
    // Called anew, with another initial sequence number.
    caller.cancel();
    return false;
  }

  void offer(Consumer<PendingConnection> listener, FourTuple tuple, Segment syn) {
    if (isFull(tuple)) {
      // Dropped silently: the caller will call again.
      return;
    }
    PendingConnection caller = new PendingConnection(stack, tuple, syn.copyOfHeader());
    waiting.put(tuple, caller);
    listener.accept(caller);
    caller.startDeadline();
  }

  private boolean isFull(FourTuple tuple) {
    if (waiting.size() >= most) {
      return true;
    }
    if (waiting.size() < mostFromOne) {
      return false;
    }
    int same = 0;
    for (FourTuple other : waiting.keySet()) {
      same += other.sameRemoteAddress(tuple) ? 1 : 0;
    }
    return same >= mostFromOne;
  }

  void forget(PendingConnection decided) {
    waiting.remove(decided.tuple(), decided);
  }

  void cancelAll() {
    new ArrayList<>(waiting.values()).forEach(PendingConnection::cancel);
  }
}
