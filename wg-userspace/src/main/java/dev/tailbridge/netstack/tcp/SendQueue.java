package dev.tailbridge.netstack.tcp;

/** What was written and not yet acknowledged, and where in the sequence it lies. */
final class SendQueue {

  /** What may be held each way while memory is scarce: enough to go on. */
  static final int SCARCE_BYTES = 4096;

  private int capacity;
  private final Ring ring = new Ring();
  private int base;
  private int size;
  private boolean finQueued;
  private boolean scarce;

  SendQueue(int capacity, int firstSequence) {
    this.capacity = capacity;
    this.base = firstSequence;
  }

  /** From now on at least so much may be held. */
  void grow(int newCapacity) {
    capacity = Math.max(capacity, newCapacity);
  }

  int space() {
    int most = scarce ? Math.min(capacity, SCARCE_BYTES) : capacity;
    return finQueued ? 0 : Math.max(0, most - size);
  }

  void scarce(boolean on) {
    scarce = on;
  }

  int size() {
    return size;
  }

  int memory() {
    return ring.memory();
  }

  boolean finQueued() {
    return finQueued;
  }

  void queueFin() {
    finQueued = true;
  }

  /** The number after the last byte of data: that of the FIN. */
  int dataEnd() {
    return base + size;
  }

  /** The number after everything, the FIN included. */
  int end() {
    return finQueued ? dataEnd() + 1 : dataEnd();
  }

  int write(byte[] source, int at, int length) {
    int count = Math.min(length, space());
    if (count > 0) {
      ring.ensure(size + count, size);
      ring.put(size, source, at, count);
      size += count;
    }
    return count;
  }

  /** Everything before this number was acknowledged. */
  void acknowledged(int sequence) {
    int count = Math.min(sequence - base, size);
    if (count > 0) {
      ring.drop(count);
      base += count;
      size -= count;
      if (size == 0) {
        ring.emptied();
      }
    }
  }

  /** Gives a segment the data of start to start + length - 1. */
  void lend(int start, int length, Segment segment) {
    ring.lend(start - base, length, segment);
  }

  /** Gives back memory that is not used. */
  void trim() {
    ring.fit(size);
  }

  void free() {
    size = 0;
    ring.free();
  }
}
