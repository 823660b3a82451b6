package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.Json;
import java.util.concurrent.atomic.AtomicLong;

/** Counts on the node's loop, the only writer; any thread reads. */
final class LinkMeter {

  /** A long that one thread adds to without the cost of an atomic addition. */
  static final class Count {
    private final AtomicLong value = new AtomicLong();

    void add(long n) {
      value.setOpaque(value.getPlain() + n);
    }

    long get() {
      return value.getOpaque();
    }
  }

  final Count packetsIn = new Count();
  final Count bytesIn = new Count();
  final Count packetsOut = new Count();
  final Count bytesOut = new Count();
  final Count droppedFull = new Count();
  final Count droppedInvalid = new Count();
  final Count droppedDown = new Count();
  final Count droppedUnheard = new Count();

  /**
   * @param go the {@code packets} of the last status event
   */
  LinkCounters read(JsonObject go) {
    return new LinkCounters(
        packetsIn.get(),
        bytesIn.get(),
        packetsOut.get(),
        bytesOut.get(),
        droppedFull.get(),
        droppedInvalid.get(),
        droppedDown.get(),
        droppedUnheard.get(),
        Json.integer(go, "toJavaDropped"),
        Json.integer(go, "fromJavaBad"));
  }
}
