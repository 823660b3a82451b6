package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
 *
 * <p>Two kinds of numbers appear, both 0 to 0xffff: a <em>sum</em> is a folded one's complement sum
 * of 16-bit words, a <em>checksum</em> is the complement of a sum, as it stands in a header. A
 * region whose checksum field is filled in right sums up to 0xffff.
 */
public final class InternetChecksum {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private InternetChecksum() {}

  /**
   * The sum of {@code length} bytes from {@code index}; an odd last byte counts as the high half of
   * a word.
   */
  public static int sum(ByteBuf buffer, int index, int length) {
    if (buffer.hasArray()) {
      return sum(buffer.array(), buffer.arrayOffset() + index, length);
    }
    long sum = 0;
    int at = index;
    int end = index + length;
    // 32-bit halves added into 64 bits: no carry is lost below 2^32 of them.
    for (; at + 8 <= end; at += 8) {
      long word = buffer.getLong(at);
      sum += (word >>> 32) + (word & 0xffff_ffffL);
    }
    for (; at + 2 <= end; at += 2) {
      sum += buffer.getUnsignedShort(at);
    }
    if (at < end) {
      sum += (long) buffer.getUnsignedByte(at) << 8;
    }
    return fold(sum);
  }

  /** The same of an array, which is several times faster. */
  public static int sum(byte[] bytes, int index, int length) {
    long sum = 0;
    int at = index;
    int end = index + length;
    for (; at + 8 <= end; at += 8) {
      long word = (long) LONG.get(bytes, at);
      sum += (word >>> 32) + (word & 0xffff_ffffL);
    }
    for (; at + 2 <= end; at += 2) {
      sum += (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
    if (at < end) {
      sum += (bytes[at] & 0xffL) << 8;
    }
    return fold(sum);
  }

  /** The checksum of {@code length} bytes from {@code index}, their checksum field being zero. */
  public static int of(ByteBuf buffer, int index, int length) {
    return ~sum(buffer, index, length) & 0xffff;
  }

  /** The one's complement sum of two sums. */
  public static int add(int a, int b) {
    return fold((long) a + b);
  }

  /** The sum of a 32-bit word's two halves, for example of an IPv4 address. */
  public static int sum32(int word) {
    return fold((word >>> 16) + (word & 0xffffL));
  }

  /** The sum of the IPv4 pseudo header (RFC 793 3.1): addresses, protocol, length in bytes. */
  public static int pseudoHeader(int source, int destination, int protocol, int length) {
    return fold((long) sum32(source) + sum32(destination) + protocol + length);
  }

  /** How much a sum changes when the 16-bit word {@code before} becomes {@code after}. */
  public static int change(int before, int after) {
    return fold((long) (~before & 0xffff) + after);
  }

  /** How much a sum changes when the 32-bit word {@code before} becomes {@code after}. */
  public static int change32(int before, int after) {
    return fold((long) (~sum32(before) & 0xffff) + sum32(after));
  }

  /**
   * The checksum after its region's sum changed by {@code change}: equation 3 of RFC 1624, which
   * unlike RFC 1141 never turns into the wrong one of the two zeros.
   */
  public static int update(int checksum, int change) {
    return ~add(~checksum & 0xffff, change) & 0xffff;
  }

  /** Two folds suffice: of any packet the upper 32 bits are far below 2^16. */
  private static int fold(long sum) {
    long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
    folded = (folded & 0xffff) + (folded >>> 16);
    return (int) ((folded & 0xffff) + (folded >>> 16));
  }
}
