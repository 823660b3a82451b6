package dev.tailbridge.wireguard.protocol;

/** Paper 6, and the values that Linux and wireguard-go agree on. Times in nanoseconds. */
final class Constants {

  static final long MILLISECOND = 1_000_000L;
  static final long SECOND = 1_000 * MILLISECOND;

  /** Later than any time. */
  static final long NEVER = Long.MAX_VALUE;

  static final long REKEY_AFTER_TIME = 120 * SECOND;
  static final long REJECT_AFTER_TIME = 180 * SECOND;
  static final long REKEY_TIMEOUT = 5 * SECOND;
  static final long KEEPALIVE_TIMEOUT = 10 * SECOND;
  static final long ZEROING_TIME = 3 * REJECT_AFTER_TIME;
  static final int MAX_JITTER_MILLIS = 333;

  /** Between the calls to a peer that did not answer any of an attempt's initiations. */
  static final long SLOW_PACE = 120 * SECOND;

  /** REKEY_ATTEMPT_TIME / REKEY_TIMEOUT. */
  static final int MAX_TIMER_HANDSHAKES = 18;

  /** A second initiation of a peer within this time is ignored. */
  static final long INITIATION_INTERVAL = 20 * MILLISECOND;

  /** A cookie is good for 120 s at its maker; ours is given up 5 s before. */
  static final long COOKIE_USABLE_TIME = 115 * SECOND;

  /** So old, the secret behind our own cookies makes no more of them. */
  static final long COOKIE_SECRET_TIME = 120 * SECOND;

  static final long REKEY_AFTER_MESSAGES = 1L << 60;

  /** 2^64 - 2^13 - 1, unsigned. */
  static final long REJECT_AFTER_MESSAGES = -(1L << 13) - 1;

  static final int MAX_STAGED_PACKETS = 128;

  /** Inner packets are padded to a multiple of this. */
  static final int PADDING_MULTIPLE = 16;

  private Constants() {}
}
