package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeListener;
import dev.tailbridge.tailnet.TailnetNode;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;

/** Where nodes run: the bridge's own process, or one that may end and come back. Any thread. */
public interface NodeHost {

  /**
   * Starts a node. Returns at once; how it fares is told to {@code listener}, and so is that the
   * host is not there.
   *
   * @param loop the node's for life
   */
  TailnetNode start(NodeConfig config, EventLoop loop, NodeListener listener);

  /**
   * Completes when nodes can be started; it is done while they can. A host that ended has one that
   * is not done before the nodes' listeners are told of their end.
   */
  default CompletableFuture<Void> ready() {
    return CompletableFuture.completedFuture(null);
  }
}
