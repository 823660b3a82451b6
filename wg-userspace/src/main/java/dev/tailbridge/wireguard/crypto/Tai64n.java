package dev.tailbridge.wireguard.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** TAI64N labels, the timestamps of initiations (paper 5.4.2): 12 bytes, big-endian. */
public final class Tai64n {

  public static final int BYTES = 12;

  /** 2^62, plus the ten seconds between TAI and UTC in 1970; WireGuard ignores leap seconds. */
  private static final long LABEL_OF_1970 = (1L << 62) + 10;

  private static final long SECOND = 1_000_000_000L;

  /** Whose nanoseconds, and those of an odd label on top, fit in a long. */
  private static final long MOST_SECONDS = Long.MAX_VALUE / SECOND - 5;

  private Tai64n() {}

  /** The label of a time since 1970. */
  public static byte[] encode(long unixSeconds, int nanos) {
    byte[] label = new byte[BYTES];
    long seconds = LABEL_OF_1970 + unixSeconds;
    for (int i = 0; i < 8; i++) {
      label[i] = (byte) (seconds >>> (56 - 8 * i));
    }
    for (int i = 0; i < 4; i++) {
      label[8 + i] = (byte) (nanos >>> (24 - 8 * i));
    }
    return label;
  }

  /**
   * The nanoseconds since 1970 of a label, if it is a time; at the ends of the range of a long for
   * what is outside of it.
   */
  public static long unixNanos(byte[] label) {
    ByteBuffer buffer = ByteBuffer.wrap(label);
    long seconds = buffer.getLong();
    long nanos = buffer.getInt() & 0xffff_ffffL;
    if (seconds < 0 || seconds - LABEL_OF_1970 > MOST_SECONDS) {
      return Long.MAX_VALUE;
    }
    long unixSeconds = seconds - LABEL_OF_1970;
    return unixSeconds < -MOST_SECONDS ? Long.MIN_VALUE : unixSeconds * SECOND + nanos;
  }

  /**
   * Whether {@code label} is strictly greater. Labels are compared as unsigned big-endian numbers,
   * so the answer is the same for a counter, or for anything else that a peer puts there.
   */
  public static boolean isAfter(byte[] label, byte[] other) {
    return Arrays.compareUnsigned(label, other) > 0;
  }
}
