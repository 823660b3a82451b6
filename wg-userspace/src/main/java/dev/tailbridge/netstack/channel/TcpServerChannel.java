package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.tcp.TcpState;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port of a {@link Stack} whose callers are all accepted. Who wants to decide about each of them
 * uses {@link Stack#listen} and makes a {@link TcpChannel} of what was accepted.
 */
public final class TcpServerChannel extends AbstractServerChannel {

  private final Stack stack;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private @Nullable InetSocketAddress local;
  private volatile boolean open = true;

  public TcpServerChannel(Stack stack) {
    this.stack = stack;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop == stack.eventLoop();
  }

  @Override
  protected void doBind(SocketAddress address) {
    InetSocketAddress wanted = (InetSocketAddress) address;
    stack.listen(wanted.getPort(), this::offered);
    local = wanted;
  }

  private void offered(PendingConnection caller) {
    Connection connection = caller.accept();
    if (connection != null) {
      connection.listener(() -> handshake(connection));
    }
  }

  /** A channel is active from the start: so it begins to exist when the handshake is done. */
  private void handshake(Connection connection) {
    TcpState state = connection.tcb().state();
    if (state == TcpState.SYN_RECEIVED || state == TcpState.CLOSED) {
      return;
    }
    connection.listener(null);
    if (!open) {
      connection.tcb().abort();
      return;
    }
    pipeline().fireChannelRead(new TcpChannel(this, stack, connection));
    pipeline().fireChannelReadComplete();
  }

  @Override
  protected void doClose() {
    open = false;
    InetSocketAddress bound = local;
    if (bound != null) {
      stack.unlisten(bound.getPort());
    }
  }

  @Override
  protected void doBeginRead() {}

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open && local != null;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    InetSocketAddress bound = local;
    if (bound == null || !bound.getAddress().isAnyLocalAddress()) {
      return bound;
    }
    List<java.net.InetAddress> addresses = stack.addresses();
    return new InetSocketAddress(addresses.get(0), bound.getPort());
  }
}
