package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.tcp.TcpFailure;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A handshake under way: who waits for it, and for how long. */
final class ConnectAttempt {

  private final ChannelPromise promise;
  private final @Nullable SocketAddress remote;
  private @Nullable Future<?> timeout;

  /**
   * @param remote who was called; null when we were, and nobody waits for the promise
   */
  ConnectAttempt(ChannelPromise promise, @Nullable SocketAddress remote) {
    this.promise = promise;
    this.remote = remote;
  }

  boolean isCall() {
    return remote != null;
  }

  void limit(TcpChannel channel, int millis) {
    if (millis > 0) {
      Runnable giveUp = () -> channel.failConnect(timedOut());
      timeout = channel.eventLoop().schedule(giveUp, millis, TimeUnit.MILLISECONDS);
    }
  }

  IOException exception(TcpFailure failure) {
    return switch (failure) {
      case TIMED_OUT -> timedOut();
      case REFUSED -> new ConnectException("Connection refused: " + remote);
      case UNREACHABLE -> new NoRouteToHostException("No route to host: " + remote);
      case RESET, ABORTED -> new SocketException("Connection reset by peer");
    };
  }

  private IOException timedOut() {
    return new ConnectTimeoutException("connection timed out: " + remote);
  }

  /** Whether somebody still wants it. */
  boolean succeed() {
    stop();
    return promise.trySuccess();
  }

  void fail(Throwable why) {
    stop();
    promise.tryFailure(why);
  }

  private void stop() {
    if (timeout != null) {
      timeout.cancel(false);
    }
  }
}
