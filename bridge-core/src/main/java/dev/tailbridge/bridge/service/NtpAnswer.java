package dev.tailbridge.bridge.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;

/**
 * The server's side of NTP's client and server modes (RFC 5905 7.3, 9.2): each question is answered
 * by itself, with a packet that is never larger.
 *
 * <p>A clock that cannot be right is stratum 16, which stands on the wire as 0 with the kiss code
 * INIT (RFC 5905 7.4, A.5.3): lwIP takes the time of any stratum but 0, whatever the leap indicator
 * says. There is no time in such an answer.
 */
final class NtpAnswer {

  /** Without extension fields and digests, which are ignored. */
  static final int LENGTH = 48;

  private static final int CLIENT = 3;
  private static final int SERVER = 4;
  private static final int LOWEST_VERSION = 3;
  private static final int HIGHEST_VERSION = 4;

  private static final int UNSYNCHRONIZED = 3;
  private static final int KISS = 0;
  private static final int INIT = 0x494e_4954;

  /** As with other servers that do not know who sets their host's clock. */
  private static final int STRATUM = 10;

  private static final int LOCAL_CLOCK = 0x7f7f_0101;

  /** A microsecond, as a power of two. */
  private static final int PRECISION = -20;

  /** A tenth of a second in the short format. */
  private static final int DISPERSION = 0x1999;

  private static final int POLL = 2;
  private static final int ORIGIN = 24;
  private static final int TRANSMIT = 40;

  /** From 1900 to 1970. */
  private static final long EPOCH_SECONDS = 2_208_988_800L;

  private NtpAnswer() {}

  /** Whether a datagram is a client's question in version 3 or 4. */
  static boolean isQuestion(ByteBuf datagram) {
    if (datagram.readableBytes() < LENGTH) {
      return false;
    }
    int first = datagram.getUnsignedByte(datagram.readerIndex());
    int version = first >>> 3 & 7;
    return (first & 7) == CLIENT && version >= LOWEST_VERSION && version <= HIGHEST_VERSION;
  }

  /**
   * Answers a question, which is only read.
   *
   * @param now when it came, and when the answer leaves: nothing lies between
   * @param plausible whether {@code now} can be right
   */
  static ByteBuf to(ByteBuf question, Instant now, boolean plausible) {
    int start = question.readerIndex();
    int version = question.getUnsignedByte(start) >>> 3 & 7;
    ByteBuf answer = Unpooled.buffer(LENGTH, LENGTH).writeZero(LENGTH);
    answer.setByte(0, (plausible ? 0 : UNSYNCHRONIZED) << 6 | version << 3 | SERVER);
    answer.setByte(1, plausible ? STRATUM : KISS);
    answer.setByte(POLL, question.getByte(start + POLL));
    answer.setByte(3, PRECISION);
    answer.setInt(8, DISPERSION);
    answer.setInt(12, plausible ? LOCAL_CLOCK : INIT);
    answer.setBytes(ORIGIN, question, start + TRANSMIT, Long.BYTES);
    if (plausible) {
      long time = timestamp(now);
      answer.setLong(16, time);
      answer.setLong(32, time);
      answer.setLong(TRANSMIT, time);
    }
    return answer;
  }

  /** Seconds since 1900 without those of whole eras, then the fraction (RFC 5905 6). */
  static long timestamp(Instant time) {
    long seconds = time.getEpochSecond() + EPOCH_SECONDS;
    long fraction = ((long) time.getNano() << 32) / 1_000_000_000L;
    return seconds << 32 | fraction;
  }
}
