package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.tcp.TcpFailure;
import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.netstack.tcp.TcpStats;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection of a {@link Stack} as a Netty channel.
 *
 * <ul>
 *   <li>It lives on the stack's event loop.
 *   <li>Only what handlers were given makes room in the receive window: {@code autoRead=false}
 *       closes it. A write is complete when its bytes are in the send buffer.
 *   <li>{@link #shutdownOutput()} sends a FIN behind everything that was flushed before. Without
 *       {@code ALLOW_HALF_CLOSURE} the peer's FIN closes the channel; with it, it is told by {@link
 *       io.netty.channel.socket.ChannelInputShutdownEvent} once, and closing is the handlers'
 *       business.
 *   <li>The peer's reset comes as a {@link SocketException}, then the channel is inactive. Closing
 *       with input unread resets the connection, {@link #abort} always does.
 * </ul>
 */
public final class TcpChannel extends AbstractChannel implements DuplexChannel {

  private static final ChannelMetadata METADATA =
      new ChannelMetadata(false, ChannelInput.MAX_MESSAGES);

  private final Stack stack;
  private final TcpChannelConfig config = new TcpChannelConfig(this);
  private final ChannelInput input = new ChannelInput(this);
  private final ChannelOutput output = new ChannelOutput(this);
  private @Nullable Connection connection;
  private @Nullable ConnectAttempt connecting;
  private volatile boolean open = true;
  private volatile boolean active;
  private boolean aborting;

  /** A channel that will call somebody. */
  public TcpChannel(Stack stack) {
    super(null);
    this.stack = stack;
  }

  /**
   * A channel for a connection that was accepted. It becomes active when the handshake is done, and
   * writes before that fail; if the handshake fails, it is told as an exception and the channel
   * closes.
   */
  public TcpChannel(@Nullable Channel parent, Stack stack, Connection connection) {
    super(parent);
    this.stack = stack;
    this.connection = connection;
    if (isUnderWay(connection)) {
      this.connecting = new ConnectAttempt(voidPromise(), null);
    } else {
      this.active = true;
    }
  }

  private static boolean isUnderWay(Connection connection) {
    TcpState state = connection.tcb().state();
    return state == TcpState.SYN_SENT || state == TcpState.SYN_RECEIVED;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop == stack.eventLoop();
  }

  @Override
  protected void doRegister() {
    Connection accepted = connection;
    if (accepted != null) {
      accepted.listener(this::changed);
      accepted.transmit();
    }
  }

  /** The stack has something new about the connection. */
  private void changed() {
    Connection now = connection;
    if (now == null || !open) {
      return;
    }
    ConnectAttempt attempt = connecting;
    if (attempt != null) {
      if (isUnderWay(now)) {
        return;
      }
      finishConnect(attempt, now.tcb().failure());
    }
    input.deliver();
    TcpFailure failure = now.tcb().failure();
    if (failure != null && open) {
      fail(failure);
      return;
    }
    ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
    if (waiting != null && !waiting.isEmpty() && now.tcb().writable() > 0) {
      ((TcpUnsafe) unsafe()).writeMore();
    }
  }

  private void finishConnect(ConnectAttempt attempt, @Nullable TcpFailure failure) {
    if (failure != null) {
      IOException why = attempt.exception(failure);
      if (!attempt.isCall()) {
        pipeline().fireExceptionCaught(why);
      }
      failConnect(why);
      return;
    }
    connecting = null;
    active = true;
    boolean wanted = attempt.succeed() || !attempt.isCall();
    pipeline().fireChannelActive();
    if (!wanted) {
      closeNow();
    }
  }

  void failConnect(Throwable why) {
    ConnectAttempt attempt = connecting;
    connecting = null;
    if (attempt != null && attempt.isCall()) {
      attempt.fail(why);
    }
    closeNow();
  }

  private void fail(TcpFailure failure) {
    if (failure != TcpFailure.ABORTED) {
      pipeline()
          .fireExceptionCaught(
              new SocketException(
                  failure == TcpFailure.TIMED_OUT
                      ? "Connection timed out"
                      : "Connection reset by peer"));
    }
    closeNow();
  }

  void closeNow() {
    unsafe().close(voidPromise());
  }

  @Override
  protected void doBeginRead() {
    input.request();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    Connection to = connection;
    if (to == null || !active) {
      throw new NotYetConnectedException();
    }
    output.write(in, to);
  }

  @Override
  protected Object filterOutboundMessage(Object message) throws ChannelOutputShutdownException {
    output.refuseAfterShutdown();
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a TcpChannel sends ByteBuf, not " + message.getClass().getName());
  }

  @Override
  protected void doClose() {
    open = false;
    active = false;
    input.closed();
    output.closed();
    ConnectAttempt attempt = connecting;
    connecting = null;
    if (attempt != null && attempt.isCall()) {
      attempt.fail(new ClosedChannelException());
    }
    Connection ending = connection;
    if (ending != null) {
      ending.listener(null);
      if (aborting) {
        ending.tcb().abort();
      }
      ending.close();
    }
  }

  /** Closes the channel with a reset; from any thread. */
  public ChannelFuture abort() {
    ChannelPromise promise = newPromise();
    onLoop(
        () -> {
          aborting = true;
          unsafe().close(promise);
        });
    return promise;
  }

  private void onLoop(Runnable action) {
    if (eventLoop().inEventLoop()) {
      action.run();
    } else {
      eventLoop().execute(action);
    }
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    onLoop(() -> output.shutdown(promise));
    return promise;
  }

  /** Input is no longer delivered: what still comes in is thrown away. */
  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    onLoop(
        () -> {
          input.ignore();
          promise.trySuccess();
        });
    return promise;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    onLoop(input::ignore);
    return shutdownOutput(promise);
  }

  @Override
  public boolean isInputShutdown() {
    return input.isShutdown();
  }

  @Override
  public boolean isOutputShutdown() {
    return output.isShutdown();
  }

  @Override
  public boolean isShutdown() {
    return input.isShutdown() && output.isShutdown();
  }

  /** The connection behind this channel; null before the call. On the event loop. */
  public @Nullable Connection connection() {
    return connection;
  }

  /** Figures about the connection; null before the call. On the event loop. */
  public @Nullable TcpStats stats() {
    Connection of = connection;
    return of == null ? null : of.tcb().stats();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  /** The same, with what only channels of this package have. */
  TcpChannelConfig options() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    Connection of = connection;
    return of == null ? null : of.local();
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    Connection of = connection;
    return of == null ? null : of.remote();
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("give the local address to connect");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new TcpUnsafe();
  }

  private final class TcpUnsafe extends AbstractUnsafe {

    @Override
    public void connect(
        SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      if (connection != null) {
        promise.tryFailure(new AlreadyConnectedException());
        return;
      }
      ConnectAttempt attempt = new ConnectAttempt(promise, remote);
      connecting = attempt;
      try {
        connection = call((InetSocketAddress) remote, (InetSocketAddress) local);
      } catch (RuntimeException e) {
        failConnect(e);
        return;
      }
      attempt.limit(TcpChannel.this, config.getConnectTimeoutMillis());
    }

    private Connection call(InetSocketAddress remote, @Nullable InetSocketAddress local) {
      return local != null && config.prefersLocalPort()
          ? stack.connectPreferring(remote, local, TcpChannel.this::changed)
          : stack.connect(remote, local, TcpChannel.this::changed);
    }

    void writeMore() {
      flush0();
    }
  }
}
