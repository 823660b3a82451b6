package dev.tailbridge.tailnet;

import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Java's end of one node's packet pair: a stream of bare IP packets both ways.
 *
 * <ul>
 *   <li>Out: one gathered write per flush. What the socket does not take is kept and sent as soon
 *       as it is writable; beyond {@link #QUEUE_BYTES} whole packets are dropped, so no packet is
 *       ever torn and memory is bounded.
 *   <li>In: reads of 64 KiB, cut by the IP headers' own lengths; everything that is at hand is one
 *       batch.
 *   <li>Confined to the node's loop. Ends once, by {@link #close}, by Go, or by lost sync.
 * </ul>
 *
 * <p>Half-closure stays off: a packet pair that is over in one direction is over.
 */
// Netty reports failures of registering, writing and closing to the handler below as well.
@SuppressWarnings("FutureReturnValueIgnored")
final class PacketPipe extends ChannelInboundHandlerAdapter {

  /** What may wait for the socket, in bytes, with some 100 bytes of overhead for each packet. */
  static final int QUEUE_BYTES = 256 * 1024;

  /** Who can wait does so from here on, and what cannot has the rest for itself. */
  private static final int HIGH_BYTES = QUEUE_BYTES / 2;

  private static final int LOW_BYTES = HIGH_BYTES / 2;
  private static final int READ_BYTES = 64 * 1024;
  private static final int SOCKET_BUFFER_BYTES = 256 * 1024;

  /** Hears at most one of the two ends, on the loop; neither after {@link #close}. */
  interface Owner {
    /** The stream is no longer one of IP packets; the pipe is closed. */
    void lostSync();

    /** Go closed its end, and the pipe has followed. */
    void closedByGo();

    /** The receiver threw; what it was given is lost, the pipe lives. */
    void receiverFailed(RuntimeException e);
  }

  private final Channel channel;
  private final LinkMeter meter;
  private final Owner owner;
  private final PacketSplitter splitter = new PacketSplitter(PooledByteBufAllocator.DEFAULT);
  private @Nullable PacketReceiver receiver;
  private boolean over;

  private PacketPipe(
      int descriptor, LinkMeter meter, @Nullable PacketReceiver receiver, Owner owner) {
    this.channel = new EpollDomainSocketChannel(descriptor);
    this.meter = meter;
    this.receiver = receiver;
    this.owner = owner;
  }

  /**
   * Takes over a non-blocking stream socket. Its channel owns the descriptor from here on, and
   * closes it too when {@code loop} is shutting down.
   */
  static PacketPipe adopt(
      EventLoop loop,
      int descriptor,
      LinkMeter meter,
      @Nullable PacketReceiver receiver,
      Owner owner) {
    PacketPipe pipe = new PacketPipe(descriptor, meter, receiver, owner);
    Channel channel = pipe.channel;
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_BYTES, HIGH_BYTES));
    channel.config().setOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES);
    channel.pipeline().addLast(pipe);
    loop.register(channel);
    return pipe;
  }

  void receiver(PacketReceiver newReceiver) {
    receiver = newReceiver;
  }

  /** Queues a packet or drops it; owns it either way. */
  void write(ByteBuf packet, int mtu) {
    int size = packet.readableBytes();
    if (over) {
      drop(packet, meter.droppedDown);
    } else if (size > mtu || PacketLength.at(packet, packet.readerIndex(), size) != size) {
      drop(packet, meter.droppedInvalid);
    } else if (queued() >= QUEUE_BYTES) {
      drop(packet, meter.droppedFull);
    } else {
      meter.packetsOut.add(1);
      meter.bytesOut.add(size);
      channel.write(packet, channel.voidPromise());
    }
  }

  private long queued() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue == null ? QUEUE_BYTES : queue.totalPendingWriteBytes();
  }

  /** Whether it takes more than some single packets. */
  boolean isWritable() {
    return channel.isWritable();
  }

  void flush() {
    channel.flush();
  }

  /** Closes the descriptor; nothing is told or received afterwards. Idempotent. */
  void close() {
    over = true;
    channel.close();
  }

  static void drop(ByteBuf packet, LinkMeter.Count reason) {
    packet.release();
    reason.add(1);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf chunk = (ByteBuf) message;
    try {
      if (!over && !splitter.split(chunk, this::deliver)) {
        close();
        owner.lostSync();
      }
    } finally {
      chunk.release();
    }
  }

  private void deliver(ByteBuf packet) {
    if (over || receiver == null) {
      drop(packet, meter.droppedUnheard);
      return;
    }
    meter.packetsIn.add(1);
    meter.bytesIn.add(packet.readableBytes());
    try {
      receiver.packet(packet);
    } catch (RuntimeException e) {
      meter.droppedUnheard.add(1);
      owner.receiverFailed(e);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (over || receiver == null) {
      return;
    }
    try {
      receiver.batchComplete();
    } catch (RuntimeException e) {
      owner.receiverFailed(e);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (over || receiver == null) {
      return;
    }
    try {
      receiver.writabilityChanged();
    } catch (RuntimeException e) {
      owner.receiverFailed(e);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closedByGo();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    splitter.release();
  }

  /** A reset or a broken pipe: Go closed its end while packets were under way. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    closedByGo();
  }

  private void closedByGo() {
    if (!over) {
      close();
      owner.closedByGo();
    }
  }
}
