package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A UDP port of a {@link Stack} as a Netty channel of {@link DatagramPacket}s, for handlers that
 * know those of sockets.
 *
 * <ul>
 *   <li>It lives on the stack's event loop.
 *   <li>A packet that is written leaves from its sender's address if it has one, else from the
 *       bound one, else from the first of ours; so an answer with the addresses of its question
 *       swapped comes from where the question went.
 *   <li>While nobody reads, {@value #MAX_WAITING} datagrams wait and further ones are dropped.
 *   <li>A datagram that does not fit into one packet fails: the stack fragments nothing.
 * </ul>
 */
public final class UdpChannel extends AbstractChannel {

  private static final int MAX_WAITING = 64;
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, MAX_WAITING);

  private final Stack stack;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Queue<DatagramPacket> waiting = new ArrayDeque<>();
  private @Nullable InetSocketAddress local;
  private @Nullable UdpEndpoint endpoint;
  private boolean readPending;
  private volatile boolean open = true;
  private volatile boolean active;

  public UdpChannel(Stack stack) {
    super(null);
    this.stack = stack;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop == stack.eventLoop();
  }

  @Override
  protected void doBind(SocketAddress address) {
    InetSocketAddress wanted = (InetSocketAddress) address;
    UdpEndpoint bound = stack.bindUdp(wanted.getPort(), new Input());
    endpoint = bound;
    local = new InetSocketAddress(wanted.getAddress(), bound.port());
    active = true;
  }

  private final class Input implements UdpListener {

    @Override
    public void datagram(ByteBuf data, InetSocketAddress to, InetSocketAddress from) {
      if (waiting.size() >= MAX_WAITING || !isBoundTo(to.getAddress())) {
        data.release();
        return;
      }
      waiting.add(new DatagramPacket(data, to, from));
    }

    @Override
    public void batchComplete() {
      deliver();
    }
  }

  private boolean isBoundTo(InetAddress address) {
    InetSocketAddress bound = local;
    return bound != null
        && (bound.getAddress().isAnyLocalAddress() || bound.getAddress().equals(address));
  }

  @Override
  protected void doBeginRead() {
    readPending = true;
    if (!waiting.isEmpty()) {
      eventLoop().execute(this::deliver);
    }
  }

  private void deliver() {
    if (!readPending || waiting.isEmpty()) {
      return;
    }
    readPending = false;
    do {
      pipeline().fireChannelRead(waiting.remove());
    } while (!waiting.isEmpty() && config.isAutoRead());
    pipeline().fireChannelReadComplete();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    Object message;
    while ((message = in.current()) != null) {
      DatagramPacket packet = (DatagramPacket) message;
      try {
        send(packet);
        in.remove();
      } catch (RuntimeException e) {
        in.remove(e);
      }
    }
  }

  private void send(DatagramPacket packet) {
    UdpEndpoint from = endpoint;
    if (from == null) {
      throw new IllegalStateException("the channel is not bound");
    }
    InetSocketAddress to = packet.recipient();
    from.send(packet.content().retain(), source(packet.sender(), to), to);
  }

  private InetAddress source(@Nullable InetSocketAddress sender, InetSocketAddress to) {
    if (sender != null && !sender.getAddress().isAnyLocalAddress()) {
      return sender.getAddress();
    }
    InetSocketAddress bound = local;
    if (bound != null && !bound.getAddress().isAnyLocalAddress()) {
      return bound.getAddress();
    }
    return stack.addresses().stream()
        .filter(address -> address.getClass() == to.getAddress().getClass())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no address of ours can send to " + to));
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof DatagramPacket) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a UdpChannel sends DatagramPacket, not " + message.getClass().getName());
  }

  @Override
  protected void doClose() {
    open = false;
    active = false;
    UdpEndpoint bound = endpoint;
    if (bound != null) {
      bound.close();
    }
    waiting.forEach(DatagramPacket::release);
    waiting.clear();
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException("a UdpChannel is not connected");
  }

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
    return active;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new UdpUnsafe();
  }

  private final class UdpUnsafe extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remote, @Nullable SocketAddress from, ChannelPromise promise) {
      promise.tryFailure(new UnsupportedOperationException("name the recipient in the packet"));
    }
  }
}
