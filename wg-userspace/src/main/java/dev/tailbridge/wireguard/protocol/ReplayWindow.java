package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_MESSAGES;

import java.util.Arrays;

/**
 * The sliding window of RFC 6479: 8192 bits in words of 64, so that the last 8128 counters are told
 * apart. Counters are unsigned.
 */
final class ReplayWindow {

  static final int WINDOW = 8128;

  private static final int WORDS = 8192 / 64;

  private final long[] words = new long[WORDS];
  private long greatest;

  /** True when this counter is new; it is then marked. */
  boolean accept(long counter) {
    if (Long.compareUnsigned(counter, REJECT_AFTER_MESSAGES) >= 0) {
      return false;
    }
    long word = counter >>> 6;
    if (Long.compareUnsigned(counter, greatest) > 0) {
      long current = greatest >>> 6;
      long fresh = Math.min(word - current, WORDS);
      if (fresh == WORDS) {
        Arrays.fill(words, 0);
      } else {
        for (long i = 1; i <= fresh; i++) {
          words[(int) (current + i) & (WORDS - 1)] = 0;
        }
      }
      greatest = counter;
    } else if (Long.compareUnsigned(greatest - counter, WINDOW) > 0) {
      return false;
    }
    int slot = (int) word & (WORDS - 1);
    long bit = 1L << (counter & 63);
    if ((words[slot] & bit) != 0) {
      return false;
    }
    words[slot] |= bit;
    return true;
  }
}
