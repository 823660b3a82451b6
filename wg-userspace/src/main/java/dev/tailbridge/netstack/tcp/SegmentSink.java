package dev.tailbridge.netstack.tcp;

/** Takes what a connection has to send. */
@FunctionalInterface
public interface SegmentSink {

  /** One segment, without ports and checksum. It is reused after the call, and so is its data. */
  void segment(Segment segment);
}
