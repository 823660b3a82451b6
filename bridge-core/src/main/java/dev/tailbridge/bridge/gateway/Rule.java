package dev.tailbridge.bridge.gateway;

import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

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

  /**
   * Calls its target by the way of its callers, to see whether it is there. Any thread.
   *
   * @param handler of the connection; it is in the pipeline before the call, and closes it
   * @param timeout for the call
   * @return completes when the target has accepted, or fails with what kept it from that; of a rule
   *     for UDP always, since nobody sees from outside whether a UDP port is there
   */
  default CompletableFuture<?> probe(ChannelHandler handler, Duration timeout) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("it is UDP"));
  }

  /**
   * When the last handshake in any of its tunnels was, milliseconds since 1970; 0 for never. Any
   * thread.
   */
  long lastHandshakeEpochMillis();

  /** What it has carried; any thread. */
  Traffic.Snapshot traffic();

  /** Ends it and resets its connections. Any thread; it need not have begun. */
  @Override
  void close();
}
