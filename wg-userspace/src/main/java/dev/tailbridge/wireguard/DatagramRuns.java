package dev.tailbridge.wireguard;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of datagrams into a channel's write queue: consecutive ones of one size to one
 * destination become a run, one buffer that the kernel cuts up again (GSO). A run costs little more
 * than a datagram.
 *
 * <ul>
 *   <li>The order of datagrams never changes. A shorter one may end a run, as the kernel allows.
 *   <li>The last run is open, and not in the queue, until {@link #end}.
 *   <li>Bytes are copied once, into a slab that all runs of a flush share; it leaves no garbage per
 *       datagram.
 * </ul>
 *
 * <p>Loop-confined.
 */
final class DatagramRuns {

  /** The kernel's UDP_MAX_SEGMENTS; it was raised later. */
  static final int MOST_DATAGRAMS = 64;

  /** What fits in one UDP datagram over IPv4. */
  private static final int MOST_BYTES = 65_507;

  private static final int SLAB_BYTES = 128 << 10;

  private final Channel channel;
  private final ObjIntConsumer<Throwable> refused;
  private int mostDatagrams;

  /** Runs in the queue are slices of it; the open run is its end. */
  private @Nullable ByteBuf slab;

  private @Nullable InetSocketAddress destination;
  private int start;
  private int size;
  private int count;

  /**
   * @param segmentation whether the channel and the kernel can do it
   * @param refused hears why a run was not sent, and of how many datagrams it was
   */
  DatagramRuns(Channel channel, boolean segmentation, ObjIntConsumer<Throwable> refused) {
    this.channel = channel;
    this.refused = refused;
    this.mostDatagrams = segmentation ? MOST_DATAGRAMS : 1;
  }

  /** Copies a datagram. */
  void add(byte[] datagram, int length, InetSocketAddress to) {
    if (count > 0 && !continues(length, to)) {
      end();
    }
    ByteBuf into = count > 0 && slab != null ? slab : begin(length, to);
    into.writeBytes(datagram, 0, length);
    count++;
    if (length < size || count == mostDatagrams) {
      end();
    }
  }

  private boolean continues(int length, InetSocketAddress to) {
    return to.equals(destination)
        && length <= size
        && slab != null
        && length <= slab.writableBytes()
        && slab.writerIndex() - start + length <= MOST_BYTES;
  }

  private ByteBuf begin(int length, InetSocketAddress to) {
    ByteBuf room = slab;
    if (room != null && room.refCnt() == 1) {
      // All that was queued is sent.
      room.clear();
    }
    if (room == null || room.writableBytes() < length) {
      release();
      room = channel.alloc().directBuffer(SLAB_BYTES, SLAB_BYTES);
      slab = room;
    }
    destination = to;
    start = room.writerIndex();
    size = length;
    return room;
  }

  /** Queues the open run, if there is one. */
  void end() {
    ByteBuf of = slab;
    InetSocketAddress to = destination;
    if (count == 0 || of == null || to == null) {
      return;
    }
    ByteBuf content = of.retainedSlice(start, of.writerIndex() - start);
    if (count == 1) {
      // The void promise reports a failure to exceptionCaught, and costs no object per datagram.
      ChannelFuture unused = channel.write(new DatagramPacket(content, to), channel.voidPromise());
    } else {
      ChannelPromise promise = channel.newPromise();
      int datagrams = count;
      promise.addListener(
          done -> {
            if (!done.isSuccess()) {
              refused.accept(done.cause(), datagrams);
            }
          });
      ChannelFuture unused = channel.write(new SegmentedDatagramPacket(content, size, to), promise);
    }
    count = 0;
    destination = null;
  }

  /** Every datagram on its own from here on: the way out turned out to be unable to cut. */
  void stopSegmentation() {
    mostDatagrams = 1;
  }

  /** Forgets the open run; what is queued stays so. */
  void release() {
    count = 0;
    destination = null;
    if (slab != null) {
      slab.release();
      slab = null;
    }
  }
}
