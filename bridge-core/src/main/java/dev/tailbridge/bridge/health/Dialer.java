package dev.tailbridge.bridge.health;

import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Opens TCP connections to one target, by the way that its real callers' data takes. */
@FunctionalInterface
public interface Dialer {

  /**
   * Calls the target. From any thread.
   *
   * @param handler of the connection; it is in the pipeline before the call, and closes it
   * @param timeout for the call alone
   * @return completes when the target has accepted; fails with what kept it from that, as {@link
   *     java.net.ConnectException} when it refused
   */
  CompletableFuture<?> dial(ChannelHandler handler, Duration timeout);
}
