package dev.tailbridge.bridge.gateway;

import java.io.IOException;

/** A gateway rule at work. It lives as long as its block; tunnels come and go meanwhile. */
public interface Rule extends AutoCloseable {

  /**
   * Takes what it needs on this host; waits for it, so not on an event loop.
   *
   * @throws IOException with a line for the user
   */
  void begin() throws IOException;

  /** A tunnel that the rule names is there from now on; on the tunnel's event loop. */
  void tunnelBegan(Tunnel tunnel);

  /**
   * The tunnel is about to end, which resets its connections; on its event loop. Not called for one
   * that never began.
   */
  void tunnelEnds(Tunnel tunnel);

  /** What it has carried; any thread. */
  Traffic.Snapshot traffic();

  /** Ends it and resets its connections. Any thread; it need not have begun. */
  @Override
  void close();
}
