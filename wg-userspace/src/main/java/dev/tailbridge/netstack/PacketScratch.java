package dev.tailbridge.netstack;

import dev.tailbridge.ip.Ipv6Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * One packet at a time in an array: a buffer's bytes are checked for bounds at each access. There
 * is one for each event loop; what is in it is gone with the next packet that is read or made.
 */
final class PacketScratch {

  /** The largest IPv6 packet. */
  static final int MAX_PACKET = Ipv6Header.LENGTH + 65535;

  private static final FastThreadLocal<PacketScratch> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected PacketScratch initialValue() {
          return new PacketScratch();
        }
      };

  final byte[] bytes = new byte[MAX_PACKET];
  private final ByteBuf view = Unpooled.wrappedBuffer(bytes);

  private PacketScratch() {}

  static PacketScratch ofThisThread() {
    return OF_THREAD.get();
  }

  /** A view of a copy of the packet of at most {@link #MAX_PACKET} bytes, at index 0. */
  ByteBuf load(ByteBuf packet) {
    int length = packet.readableBytes();
    packet.getBytes(packet.readerIndex(), bytes, 0, length);
    return view.setIndex(0, length);
  }

  /** A view of so many bytes, to be written over. */
  ByteBuf blank(int length) {
    return view.setIndex(0, length);
  }

  /** A copy of the first bytes, the caller's. */
  ByteBuf copy(int length, ByteBufAllocator allocator) {
    return allocator.directBuffer(length).writeBytes(bytes, 0, length);
  }
}
