package dev.tailbridge.tailnet.control;

import com.google.gson.JsonObject;

/** Hears the events of the Go library, on the control loop, in the order of their frames. */
public interface ControlListener {

  /** A whole snapshot of a node. */
  void status(int node, JsonObject body);

  /**
   * One log line.
   *
   * @param node 0 when it is about the library
   */
  void log(int node, boolean error, String text);

  /** A node is over and its resources in Go are released. */
  void ended(int node, String error);

  /**
   * The connection is closed, and with it every node. Every request that waited has failed before
   * this is called. The last call.
   */
  void closed(String reason);
}
