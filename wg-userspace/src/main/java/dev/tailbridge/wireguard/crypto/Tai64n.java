package dev.tailbridge.wireguard.crypto;

import java.util.Arrays;

/** TAI64N labels, the timestamps of initiations (paper 5.4.2): 12 bytes, big-endian. */
public final class Tai64n {

  public static final int BYTES = 12;

  /** 2^62, plus the ten seconds between TAI and UTC in 1970; WireGuard ignores leap seconds. */
  private static final long LABEL_OF_1970 = (1L << 62) + 10;

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
   * Whether {@code label} is strictly greater. Labels are compared as unsigned big-endian numbers,
   * so the answer is the same for a counter, or for anything else that a peer puts there.
   */
  public static boolean isAfter(byte[] label, byte[] other) {
    return Arrays.compareUnsigned(label, other) > 0;
  }
}
