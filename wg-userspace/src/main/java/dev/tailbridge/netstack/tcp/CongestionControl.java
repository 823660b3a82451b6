package dev.tailbridge.netstack.tcp;

/** How much may be on its way. What is lost, and when to repair it, is {@link LossRecovery}'s. */
interface CongestionControl {

  /** cwnd, in bytes. */
  int window();

  /** ssthresh, in bytes. */
  int threshold();

  /**
   * Begins, or begins anew on a path of which nothing is known; {@code synWasLost} when the SYN
   * went out more than once.
   */
  void begin(int mss, boolean synWasLost);

  /** The path carries smaller segments than those it began with. */
  void segmentsShrink(int mss);

  /**
   * What time it is, and how long a round trip takes (negative for unknown), before {@link
   * #acknowledged}: for those that grow by time.
   */
  default void time(long now, long roundTrip) {}

  /**
   * Data was acknowledged outside of fast recovery.
   *
   * @param limited whether the window was what kept more from being sent
   * @param repairing whether this repairs what a timeout gave up
   */
  void acknowledged(int bytes, boolean limited, boolean repairing);

  /** Loss was seen by duplicate acknowledgments, with so much on its way. */
  void lossDetected(int flight);

  /** The loss is repaired, with so much on its way still. */
  void recovered(int flight);

  /**
   * The retransmission timer expired with so much on its way; {@code again} when for the same data
   * as before.
   */
  void timedOut(int flight, boolean again);

  /**
   * The last loss was none: what {@link #lossDetected} or {@link #timedOut} did is undone (RFC 4015
   * 4), without a burst into a path that holds so much.
   */
  void undone(int flight);

  /** The window was not used for minutes (RFC 7661 4.4.3). */
  void unused();

  /** Nothing was sent for longer than the retransmission timeout. */
  void restarted();
}
