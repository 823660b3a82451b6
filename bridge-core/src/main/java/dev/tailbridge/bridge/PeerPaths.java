package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.NoAnswerException;
import dev.tailbridge.bridge.admin.PeerView;
import dev.tailbridge.tailnet.NodeQuestions;
import dev.tailbridge.tailnet.Ping;
import dev.tailbridge.tailnet.TailnetPeer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks a device's node by which way it reaches each machine. Waits; not for event loops. */
final class PeerPaths {

  private static final Duration LIST_BOUND = Duration.ofSeconds(3);

  /** For all pings together; who does not answer until then has no round trip. */
  private static final Duration PING_BOUND = Duration.ofSeconds(2);

  /** A ping of a machine without traffic builds up a way to it, so it is not done to hundreds. */
  private static final int MOST_PINGS = 32;

  private final NodeQuestions node;

  PeerPaths(NodeQuestions node) {
    this.node = node;
  }

  /**
   * The machines that the node sees.
   *
   * @param measure whether those that are online are pinged, up to {@value #MOST_PINGS} of them
   */
  List<PeerView> all(boolean measure) throws NoAnswerException {
    List<TailnetPeer> peers = answer(node.peers());
    Map<TailnetPeer, CompletableFuture<Ping>> pings = measure ? ping(peers) : Map.of();
    List<PeerView> views = new ArrayList<>();
    for (TailnetPeer peer : peers) {
      CompletableFuture<Ping> ping = pings.get(peer);
      views.add(view(peer, ping == null ? null : answerOf(ping)));
    }
    return views;
  }

  private Map<TailnetPeer, CompletableFuture<Ping>> ping(List<TailnetPeer> peers) {
    Map<TailnetPeer, CompletableFuture<Ping>> pings = new LinkedHashMap<>();
    for (TailnetPeer peer : peers) {
      if (peer.online() && !peer.addresses().isEmpty() && pings.size() < MOST_PINGS) {
        InetAddress address = peer.addresses().get(0);
        pings.put(peer, node.ping(address, Ping.Type.DISCO));
      }
    }
    try {
      CompletableFuture.allOf(pings.values().toArray(CompletableFuture<?>[]::new))
          .get(PING_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Some did not answer; those that did are shown.
    }
    return pings;
  }

  private static @Nullable Ping answerOf(CompletableFuture<Ping> ping) {
    return ping.isDone() && !ping.isCompletedExceptionally() ? ping.join() : null;
  }

  private static List<TailnetPeer> answer(CompletableFuture<List<TailnetPeer>> asked)
      throws NoAnswerException {
    try {
      return asked.get(LIST_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoAnswerException("The bridge is ending.");
    } catch (ExecutionException e) {
      throw new NoAnswerException("Its tailnet node cannot tell: " + e.getMessage());
    } catch (TimeoutException e) {
      throw new NoAnswerException("Its tailnet node does not answer; ask again.");
    }
  }

  private static PeerView view(TailnetPeer peer, @Nullable Ping ping) {
    String direct = ping == null ? peer.direct() : ping.endpoint();
    String derp = ping == null || ping.derp().isEmpty() ? peer.relay() : ping.derp();
    return new PeerView(
        peer.name(),
        peer.addresses().stream().map(InetAddress::getHostAddress).toList(),
        peer.online(),
        direct.isEmpty() ? null : direct,
        derp.isEmpty() ? null : derp,
        ping == null ? null : Math.round(ping.latencySeconds() * 1e5) / 100.0,
        peer.rxBytes(),
        peer.txBytes());
  }
}
