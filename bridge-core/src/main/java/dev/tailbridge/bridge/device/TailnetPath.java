package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.LinkCounters;
import dev.tailbridge.tailnet.TailnetPeer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * By which way a node reaches the machines that it talks with.
 *
 * <ul>
 *   <li>Nothing is asked for who reads it: the node is asked twice a minute, and only when it has
 *       carried something since it was asked last. So a fleet at rest asks nothing.
 *   <li>A machine counts when bytes went to it or came from it between two such looks. Between them
 *       lies less time than a direct way lives without traffic, after which the node itself no
 *       longer knows it as one.
 *   <li>Everything is on the device's event loop.
 * </ul>
 */
public final class TailnetPath {

  static final Duration PAUSE = Duration.ofSeconds(30);

  /** The way, for all machines that the node talks with. */
  public enum Way {
    /** It talks with nobody. */
    NONE,
    /** All are reached directly. */
    DIRECT,
    /** Some are reached by a relay alone. */
    DERP
  }

  private final Executor loop;

  /** Bytes of the machines that ever had any. */
  private final Map<String, Long> bytesBefore = new HashMap<>();

  private Way way = Way.NONE;
  private long carriedBefore;
  private long nextNanos;
  private boolean asking;

  /**
   * @param nowNanos it is a while until the first look, another one for each device
   */
  TailnetPath(Executor loop, long nowNanos) {
    this.loop = loop;
    this.nextNanos = nowNanos + Math.floorMod(nowNanos, PAUSE.toNanos());
  }

  Way way() {
    return way;
  }

  /** There is no node, or a new one, whose counts begin at zero. */
  void reset() {
    bytesBefore.clear();
    carriedBefore = 0;
    way = Way.NONE;
  }

  /**
   * Looks again, if it is time; call it every second while there is a node.
   *
   * @param packets what the node has carried since it began
   * @param peers asks it for the machines that it sees
   */
  void look(
      Supplier<LinkCounters> packets,
      Supplier<CompletableFuture<List<TailnetPeer>>> peers,
      long nowNanos) {
    if (asking || nowNanos - nextNanos < 0) {
      return;
    }
    nextNanos = nowNanos + PAUSE.toNanos();
    LinkCounters counters = packets.get();
    long carried = counters.packetsIn() + counters.packetsOut();
    if (carried == carriedBefore) {
      way = Way.NONE;
      return;
    }
    carriedBefore = carried;
    asking = true;
    var unused =
        peers
            .get()
            .whenCompleteAsync(
                (seen, failure) -> {
                  asking = false;
                  if (seen != null) {
                    take(seen);
                  }
                },
                loop);
  }

  private void take(List<TailnetPeer> peers) {
    Way found = Way.NONE;
    for (TailnetPeer peer : peers) {
      long bytes = peer.rxBytes() + peer.txBytes();
      if (bytes == 0) {
        continue;
      }
      Long before = bytesBefore.put(peer.name(), bytes);
      if (before != null && before == bytes) {
        continue;
      }
      if (peer.direct().isEmpty()) {
        found = Way.DERP;
      } else if (found == Way.NONE) {
        found = Way.DIRECT;
      }
    }
    way = found;
  }
}
