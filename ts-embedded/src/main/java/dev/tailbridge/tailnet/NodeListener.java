package dev.tailbridge.tailnet;

/** Hears what happens to one node. Called on the node's event loop; must not block. */
public interface NodeListener {

  /** Something in the node's status changed; {@code status} is the whole of it. */
  void statusChanged(NodeStatus status);

  /**
   * The node ended by itself: it could not start, lost its packet descriptor, or the library is
   * gone. Its resources are released and nothing is called afterwards; only {@link Tailnet#start}
   * brings it back. Not called for a node that {@link TailnetNode#stop} or {@link Tailnet#close}
   * ended.
   *
   * @param reason one line
   */
  void ended(String reason);
}
