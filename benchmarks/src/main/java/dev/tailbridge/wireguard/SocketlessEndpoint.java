package dev.tailbridge.wireguard;

import dev.tailbridge.benchmarks.InnerPackets;
import dev.tailbridge.benchmarks.MemoryInterface;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.protocol.ReplayedSession;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An endpoint in session with one device, whose socket is real but never reads and never writes:
 * datagrams are put into its pipeline, and what is written is taken out at the end of it.
 */
final class SocketlessEndpoint {

  /** Datagrams between two {@code channelReadComplete}, packets between two {@code flush}. */
  private static final int BATCH = 64;

  private static final int RING = 1024;
  private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 0);

  private final EventLoopGroup group = new EpollEventLoopGroup(1);
  private final EventLoop loop = group.next();
  private final MemoryInterface device;
  private final DatagramSink sink = new DatagramSink();
  private final WireGuardEndpoint endpoint;
  private final WireGuardPeer peer;
  private final Channel channel;
  private final Channel bare;
  private final ByteBuf[] incoming = new ByteBuf[RING];

  /** As many as a read brings: Netty makes a new one for each datagram. */
  private final InetSocketAddress[] sources = new InetSocketAddress[BATCH];

  private final ByteBuf outgoing;
  private final int size;
  private final ReplayedSession session;
  private int next;

  SocketlessEndpoint(CryptoProvider crypto, int size) throws Exception {
    this.size = size;
    this.device = new MemoryInterface(crypto, LOCAL);
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    endpoint = WireGuardEndpoint.builder(key, group).crypto(crypto).listen(List.of(LOCAL)).build();
    endpoint.bind().sync();
    channel = ((SingleThreadEventLoop) loop).registeredChannelsIterator().next();
    channel.config().setAutoRead(false);
    channel.pipeline().addFirst(sink);
    bare = new EpollDatagramChannel();
    bare.pipeline().addLast(new ReleaseDatagrams());
    loop.register(bare).sync();
    for (int i = 0; i < BATCH; i++) {
      sources[i] = new InetSocketAddress("192.0.2.2", 51820);
    }
    PeerConfig config =
        PeerConfig.of("device", device.key.publicKey(), List.of(IpPrefix.parse("10.6.0.2/32")));
    peer = endpoint.addPeer(config, added -> added.receiver(new Release()));
    loop.submit(() -> {}).get();
    device.addPeer(key.publicKey(), "10.6.0.0/24", LOCAL);
    connect();
    session = new ReplayedSession(peer.core());
    byte[] packet = InnerPackets.ipv4(InnerPackets.DEVICE, InnerPackets.SERVER, size);
    for (int i = 0; i < RING; i++) {
      incoming[i] = direct(device.seal(packet));
    }
    outgoing = direct(InnerPackets.ipv4(InnerPackets.SERVER, InnerPackets.DEVICE, size));
    sink.keeps = false;
  }

  private void connect() throws Exception {
    device.peer().initiate(device.now);
    inject(device.takeDatagram());
    device.receive(sink.take(), LOCAL);
    inject(device.takeDatagram());
    // A data packet, so that there is a window to forget.
    inject(device.seal(InnerPackets.ipv4(InnerPackets.DEVICE, InnerPackets.SERVER, size)));
  }

  private void inject(byte[] datagram) throws ExecutionException, InterruptedException {
    loop.submit(
            () -> {
              channel
                  .pipeline()
                  .fireChannelRead(new DatagramPacket(direct(datagram), LOCAL, sources[0]))
                  .fireChannelReadComplete();
            })
        .get();
  }

  private static ByteBuf direct(byte[] bytes) {
    return PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
  }

  /** Brings so many datagrams to the endpoint's socket. */
  void receive(int count) throws ExecutionException, InterruptedException {
    loop.submit(() -> bring(channel, count)).get();
  }

  /** Brings them to a channel that does nothing with them. */
  void receiveNothing(int count) throws ExecutionException, InterruptedException {
    loop.submit(() -> bring(bare, count)).get();
  }

  private void bring(Channel to, int count) {
    for (int i = 0; i < count; i++) {
      int slot = next++ & (RING - 1);
      if (slot == 0) {
        session.forget();
      }
      ByteBuf content = incoming[slot].retain().readerIndex(0);
      to.pipeline()
          .fireChannelRead(new DatagramPacket(content, LOCAL, sources[slot & (BATCH - 1)]));
      if (slot % BATCH == BATCH - 1) {
        to.pipeline().fireChannelReadComplete();
      }
    }
  }

  /** Writes so many packets to the peer. */
  void send(int count) throws ExecutionException, InterruptedException {
    loop.submit(
            () -> {
              for (int i = 1; i <= count; i++) {
                peer.write(outgoing.retain().readerIndex(0));
                if (i % BATCH == 0) {
                  peer.flush();
                }
              }
            })
        .get();
  }

  void close() throws InterruptedException {
    endpoint.close().sync();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    if (endpoint.dropped(DropReason.REPLAY) + endpoint.dropped(DropReason.BAD_TAG) > 0) {
      throw new IllegalStateException("what was measured were drops");
    }
  }

  /** A stack that is done with a packet at once. */
  private static final class Release implements PacketReceiver {

    @Override
    public void packet(ByteBuf packet) {
      packet.release();
    }

    @Override
    public void batchComplete() {}
  }

  private static final class ReleaseDatagrams extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {}
  }

  /** The end of the way out. */
  private static final class DatagramSink extends ChannelOutboundHandlerAdapter {

    private final BlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();
    private volatile boolean keeps = true;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (keeps) {
        ByteBuf content = ((DatagramPacket) message).content();
        byte[] bytes = new byte[content.readableBytes()];
        content.readBytes(bytes);
        datagrams.add(bytes);
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void flush(ChannelHandlerContext context) {}

    private byte[] take() throws InterruptedException {
      byte[] datagram = datagrams.poll(5, TimeUnit.SECONDS);
      if (datagram == null) {
        throw new IllegalStateException("the endpoint sent nothing");
      }
      return datagram;
    }
  }
}
