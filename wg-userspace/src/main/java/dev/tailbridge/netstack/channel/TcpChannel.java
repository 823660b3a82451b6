package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpFailure;
import dev.tailbridge.netstack.tcp.TcpState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection of a {@link Stack} as a Netty channel.
 *
 * <ul>
 *   <li>It lives on the stack's event loop.
 *   <li>Only what handlers were given makes room in the receive window: {@code autoRead=false}
 *       closes it. A write is complete when its bytes are in the send buffer.
 *   <li>{@link #shutdownOutput()} sends a FIN behind everything that was written before. Without
 *       {@code ALLOW_HALF_CLOSURE} the peer's FIN closes the channel; with it, it is told by {@link
 *       ChannelInputShutdownEvent} once, and closing is the handlers' business.
 *   <li>The peer's reset comes as a {@link SocketException}, then the channel is inactive. Closing
 *       with input unread resets the connection, {@link #abort} always does.
 * </ul>
 */
public final class TcpChannel extends AbstractChannel implements DuplexChannel {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
  private static final int MAX_MESSAGES = 16;
  private static final int MESSAGE_BYTES = 16 << 10;

  private final Stack stack;
  private final TcpChannelConfig config = new TcpChannelConfig(this);
  private final byte[] copy = new byte[MESSAGE_BYTES];
  private @Nullable Connection connection;
  private @Nullable ChannelPromise connecting;
  private @Nullable ScheduledFuture<?> connectTimeout;
  private @Nullable ChannelPromise outputShutdown;
  private volatile boolean open = true;
  private volatile boolean active;
  private volatile boolean inputIsShutdown;
  private volatile boolean outputIsShutdown;
  private boolean readPending;
  private boolean delivering;
  private boolean aborting;

  /** A channel that will call somebody. */
  public TcpChannel(Stack stack) {
    super(null);
    this.stack = stack;
  }

  /** A channel for a connection whose handshake is done. */
  public TcpChannel(@Nullable Channel parent, Stack stack, Connection connection) {
    super(parent);
    this.stack = stack;
    this.connection = connection;
    this.active = true;
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
    if (connecting != null && !finishConnect(now.tcb())) {
      return;
    }
    deliver();
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

  /** Whether the call was answered with yes. */
  private boolean finishConnect(Tcb tcb) {
    if (tcb.state() == TcpState.SYN_SENT || tcb.state() == TcpState.SYN_RECEIVED) {
      return false;
    }
    TcpFailure failure = tcb.failure();
    if (failure != null) {
      failConnect(
          failure == TcpFailure.TIMED_OUT
              ? new ConnectTimeoutException("connection timed out: " + remoteAddress0())
              : new ConnectException("Connection refused: " + remoteAddress0()));
      return false;
    }
    active = true;
    ChannelPromise promise = takeConnecting();
    boolean wanted = promise == null || promise.trySuccess();
    pipeline().fireChannelActive();
    if (!wanted) {
      unsafe().close(voidPromise());
    }
    return open;
  }

  private @Nullable ChannelPromise takeConnecting() {
    ChannelPromise promise = connecting;
    connecting = null;
    if (connectTimeout != null) {
      connectTimeout.cancel(false);
      connectTimeout = null;
    }
    return promise;
  }

  private void failConnect(Exception why) {
    ChannelPromise promise = takeConnecting();
    if (promise != null) {
      promise.tryFailure(why);
    }
    unsafe().close(voidPromise());
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
    unsafe().close(voidPromise());
  }

  @Override
  protected void doBeginRead() {
    readPending = true;
    if (!delivering) {
      eventLoop().execute(this::deliver);
    }
  }

  /** Gives handlers what can be read, at most 16 messages a turn. */
  private void deliver() {
    Connection from = connection;
    if (from == null || delivering || !readPending || !active) {
      return;
    }
    Tcb tcb = from.tcb();
    if (tcb.readable() == 0 && !tcb.endOfInput()) {
      return;
    }
    readPending = false;
    delivering = true;
    int messages = 0;
    while (open && !inputIsShutdown && messages < MAX_MESSAGES && tcb.readable() > 0) {
      int count = tcb.read(copy, 0, copy.length);
      ByteBuf message = alloc().ioBuffer(count).writeBytes(copy, 0, count);
      pipeline().fireChannelRead(message);
      messages++;
      if (!config.isAutoRead()) {
        break;
      }
    }
    delivering = false;
    if (messages > 0) {
      from.transmit();
      pipeline().fireChannelReadComplete();
    }
    if (open && tcb.endOfInput() && !inputIsShutdown) {
      endOfInput();
    } else if (readPending) {
      eventLoop().execute(this::deliver);
    }
  }

  private void endOfInput() {
    inputIsShutdown = true;
    if (config.allowsHalfClosure()) {
      pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      unsafe().close(voidPromise());
    }
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    Connection to = connection;
    if (to == null || !active) {
      throw new NotYetConnectedException();
    }
    while (true) {
      Object message = in.current();
      if (message == null) {
        break;
      }
      ByteBuf bytes = (ByteBuf) message;
      int taken = move(bytes, to.tcb());
      in.progress(taken);
      if (bytes.isReadable()) {
        break;
      }
      in.remove();
    }
    to.transmit();
    if (in.isEmpty() && outputShutdown != null) {
      // Not in the middle of a flush, which still holds the buffer that this takes away.
      eventLoop().execute(this::finishOutput);
    }
  }

  private int move(ByteBuf bytes, Tcb tcb) {
    int moved = 0;
    while (bytes.isReadable() && tcb.writable() > 0) {
      int length = Math.min(Math.min(bytes.readableBytes(), copy.length), tcb.writable());
      bytes.readBytes(copy, 0, length);
      moved += tcb.write(copy, 0, length);
    }
    return moved;
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a TcpChannel sends ByteBuf, not " + message.getClass().getName());
  }

  private void finishOutput() {
    ChannelPromise promise = outputShutdown;
    outputShutdown = null;
    if (promise != null) {
      ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
    }
  }

  @Override
  protected void doShutdownOutput() {
    outputIsShutdown = true;
    Connection to = connection;
    if (to != null) {
      to.tcb().shutdownOutput();
      to.transmit();
    }
  }

  @Override
  protected void doClose() {
    open = false;
    active = false;
    readPending = false;
    inputIsShutdown = true;
    outputIsShutdown = true;
    ChannelPromise promise = takeConnecting();
    if (promise != null) {
      promise.tryFailure(new ClosedChannelException());
    }
    ChannelPromise shutting = outputShutdown;
    outputShutdown = null;
    if (shutting != null) {
      shutting.tryFailure(new ClosedChannelException());
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
    eventLoop()
        .execute(
            () -> {
              aborting = true;
              unsafe().close(promise);
            });
    return promise;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    if (eventLoop().inEventLoop()) {
      shutdownOutputNow(promise);
    } else {
      eventLoop().execute(() -> shutdownOutputNow(promise));
    }
    return promise;
  }

  private void shutdownOutputNow(ChannelPromise promise) {
    if (outputShutdown != null) {
      outputShutdown.addListener(done -> promise.trySuccess());
      return;
    }
    outputShutdown = promise;
    ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
    if (waiting == null || waiting.isEmpty()) {
      finishOutput();
    }
  }

  /** Input is only no longer delivered; what still comes in resets the connection. */
  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    inputIsShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    inputIsShutdown = true;
    return shutdownOutput(promise);
  }

  @Override
  public boolean isInputShutdown() {
    return inputIsShutdown;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputIsShutdown;
  }

  @Override
  public boolean isShutdown() {
    return inputIsShutdown && outputIsShutdown;
  }

  /** The connection behind this channel; null before the call. For figures, on the event loop. */
  public @Nullable Connection connection() {
    return connection;
  }

  @Override
  public TcpChannelConfig config() {
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
      connecting = promise;
      try {
        connection = call((InetSocketAddress) remote, (InetSocketAddress) local);
      } catch (RuntimeException e) {
        failConnect(e);
        return;
      }
      int limit = config.getConnectTimeoutMillis();
      if (limit > 0) {
        connectTimeout =
            eventLoop()
                .schedule(
                    () ->
                        failConnect(new ConnectTimeoutException("connection timed out: " + remote)),
                    limit,
                    TimeUnit.MILLISECONDS);
      }
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
