package dev.tailbridge.tailnet;

import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.util.function.Consumer;
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
 *   <li>Confined to the node's loop. Ends once, by {@link #close}, end of stream, or lost sync.
 * </ul>
 *
 * <p>Half-closure stays off: a packet pair that is over in one direction is over.
 */
// Netty reports failures of registering, writing and closing to the handler below as well.
@SuppressWarnings("FutureReturnValueIgnored")
final class PacketPipe extends ChannelInboundHandlerAdapter {

  /** What may wait for the socket, in bytes, with some 100 bytes of overhead for each packet. */
  static final int QUEUE_BYTES = 256 * 1024;

  private static final int READ_BYTES = 64 * 1024;
  private static final int SOCKET_BUFFER_BYTES = 256 * 1024;

  private final Channel channel;
  private final LinkMeter meter;
  private final Consumer<String> ended;
  private final Consumer<String> receiverFailed;
  private final PacketSplitter splitter = new PacketSplitter(PooledByteBufAllocator.DEFAULT);
  private @Nullable PacketReceiver receiver;
  private boolean over;

  private PacketPipe(
      int descriptor,
      LinkMeter meter,
      @Nullable PacketReceiver receiver,
      Consumer<String> ended,
      Consumer<String> receiverFailed) {
    this.channel = new EpollDomainSocketChannel(descriptor);
    this.meter = meter;
    this.receiver = receiver;
    this.ended = ended;
    this.receiverFailed = receiverFailed;
  }

  /**
   * Takes over a non-blocking stream socket. Its channel owns the descriptor from here on, and
   * closes it too when {@code loop} is shutting down.
   *
   * @param ended told once, with the reason, when the pipe ends other than by {@link #close}
   * @param receiverFailed told what exception a receiver threw; the packet is lost, the pipe lives
   */
  static PacketPipe adopt(
      EventLoop loop,
      int descriptor,
      LinkMeter meter,
      @Nullable PacketReceiver receiver,
      Consumer<String> ended,
      Consumer<String> receiverFailed) {
    PacketPipe pipe = new PacketPipe(descriptor, meter, receiver, ended, receiverFailed);
    Channel channel = pipe.channel;
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
    // One mark for both: room for one packet is enough to take one packet.
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(QUEUE_BYTES, QUEUE_BYTES));
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
    } else if (!channel.isWritable()) {
      drop(packet, meter.droppedFull);
    } else {
      meter.packetsOut.add(1);
      meter.bytesOut.add(size);
      channel.write(packet, channel.voidPromise());
    }
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
        end("the packet stream from the node lost sync: no IP packet where one must begin");
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
      receiverFailed.accept("a packet was lost because its receiver failed: " + e);
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
      receiverFailed.accept("the end of a batch was lost because its receiver failed: " + e);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end("the node's packet descriptor was closed");
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    splitter.release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end("the node's packet descriptor failed: " + cause.getMessage());
  }

  private void end(String reason) {
    if (!over) {
      close();
      ended.accept(reason);
    }
  }
}
