package dev.tailbridge.netstack.tcp;

/** Takes what a connection has to send. */
@FunctionalInterface
public interface SegmentSink {

  /** One segment, without ports and checksum. It is reused after the call, and so is its data. */
  void segment(Segment segment);

  /**
   * Whether new data may follow: else it waits, since what is below would drop it. Everything else
   * is handed out all the same.
   */
  default boolean hasRoom() {
    return true;
  }
}
