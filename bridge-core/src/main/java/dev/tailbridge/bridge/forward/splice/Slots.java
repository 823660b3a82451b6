package dev.tailbridge.bridge.forward.splice;

import java.util.LinkedHashSet;

/** The connections that a device can have at a time; who comes when all are taken waits. */
final class Slots {

  private final int limit;
  private int taken;

  /** First come, first served. */
  private final LinkedHashSet<Splice> waiting = new LinkedHashSet<>();

  Slots(int limit) {
    this.limit = limit;
  }

  /** Lets a call go on when there is a free connection, which is maybe now. */
  void take(Splice call) {
    if (taken < limit) {
      taken++;
      call.dial();
    } else {
      waiting.add(call);
    }
  }

  /** The call has ended, whether it waited or had a connection. */
  void leave(Splice call) {
    if (waiting.remove(call)) {
      return;
    }
    if (waiting.isEmpty()) {
      taken--;
      return;
    }
    Splice next = waiting.iterator().next();
    waiting.remove(next);
    next.dial();
  }
}
