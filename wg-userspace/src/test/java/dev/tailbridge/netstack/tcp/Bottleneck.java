package dev.tailbridge.netstack.tcp;

/** A link of a certain rate with a queue before it that drops at its tail; wires may share it. */
final class Bottleneck {

  private final long rate;
  private final long queueBytes;
  private long freeAt;

  /**
   * @param rate bytes a second
   */
  Bottleneck(long rate, long queueBytes) {
    this.rate = rate;
    this.queueBytes = queueBytes;
  }

  /** When a packet that comes now has left; negative when the queue is full. */
  long leaves(long now, int length) {
    long begins = Math.max(freeAt, now);
    if ((begins - now) * rate / 1_000_000_000L > queueBytes) {
      return -1;
    }
    freeAt = begins + length * 1_000_000_000L / rate;
    return freeAt;
  }
}
