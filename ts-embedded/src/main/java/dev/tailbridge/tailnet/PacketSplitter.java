package dev.tailbridge.tailnet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream of bare IP packets into packets, wherever the reads happened to cut it.
 *
 * <p>Every packet is copied into a buffer of its own: a slice would let one packet that waits
 * somewhere hold the whole 64 KiB of its read. Holds at most one partial packet between reads.
 */
final class PacketSplitter {

  private final ByteBufAllocator allocator;
  private @Nullable ByteBuf partial;

  PacketSplitter(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Takes one read.
   *
   * @param chunk stays the caller's
   * @param packets owns every buffer that it gets
   * @return false when the next bytes start no IP packet: where packets begin is lost for good
   */
  boolean split(ByteBuf chunk, Consumer<ByteBuf> packets) {
    while (chunk.isReadable()) {
      if (partial != null) {
        if (!complete(partial, chunk, packets)) {
          return false;
        }
        continue;
      }
      int length = PacketLength.at(chunk, chunk.readerIndex(), chunk.readableBytes());
      if (length == PacketLength.INVALID) {
        return false;
      }
      ByteBuf packet =
          allocator.heapBuffer(length == PacketLength.UNKNOWN ? PacketLength.ENOUGH : length);
      if (length == PacketLength.UNKNOWN || length > chunk.readableBytes()) {
        packet.writeBytes(chunk);
        partial = packet;
      } else {
        packet.writeBytes(chunk, length);
        packets.accept(packet);
      }
    }
    return true;
  }

  /** Moves what {@code packet} still needs: first to know its length, then to be whole. */
  private boolean complete(ByteBuf packet, ByteBuf chunk, Consumer<ByteBuf> packets) {
    int length = PacketLength.at(packet, packet.readerIndex(), packet.readableBytes());
    if (length == PacketLength.INVALID) {
      return false;
    }
    int goal = length == PacketLength.UNKNOWN ? packet.readableBytes() + 1 : length;
    packet.writeBytes(chunk, Math.min(goal - packet.readableBytes(), chunk.readableBytes()));
    if (packet.readableBytes() == length) {
      partial = null;
      packets.accept(packet);
    }
    return true;
  }

  /** Lets go of a partial packet. */
  void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }
}
