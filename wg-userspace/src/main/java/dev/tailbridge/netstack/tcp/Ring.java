package dev.tailbridge.netstack.tcp;

/**
 * Bytes in order, written at places behind the first one and taken from the front. Its array grows
 * by doubling to what is needed and never beyond the limit.
 */
final class Ring {

  private static final int LEAST = 2048;

  /** An empty array of at most this size is kept for what comes next, until {@link #fit}. */
  private static final int KEPT = 16 << 10;

  private static final byte[] NONE = new byte[0];

  private byte[] bytes = NONE;
  private int head;

  /** Makes room for {@code size} bytes from the front, of which {@code used} hold something. */
  void ensure(int size, int used) {
    if (size <= bytes.length) {
      return;
    }
    resize(lengthFor(size), used);
  }

  /** Gives back what is more than {@code used} bytes need. */
  void fit(int used) {
    if (used == 0) {
      free();
    } else if (lengthFor(used) < bytes.length) {
      resize(lengthFor(used), used);
    }
  }

  /** It is empty: a large array is not kept. */
  void emptied() {
    if (bytes.length > KEPT) {
      free();
    }
  }

  private static int lengthFor(int size) {
    return Math.max(LEAST, Integer.highestOneBit(size - 1) << 1);
  }

  private void resize(int length, int used) {
    byte[] other = new byte[length];
    copyOut(0, other, 0, used);
    bytes = other;
    head = 0;
  }

  void put(int offset, byte[] source, int at, int length) {
    int start = index(offset);
    int first = Math.min(length, bytes.length - start);
    System.arraycopy(source, at, bytes, start, first);
    System.arraycopy(source, at + first, bytes, 0, length - first);
  }

  /** Puts data of a segment. */
  void put(int offset, Segment segment, int from, int length) {
    int start = index(offset);
    int first = Math.min(length, bytes.length - start);
    segment.copyData(from, bytes, start, first);
    segment.copyData(from + first, bytes, 0, length - first);
  }

  void copyOut(int offset, byte[] target, int at, int length) {
    if (length == 0) {
      return;
    }
    int start = index(offset);
    int first = Math.min(length, bytes.length - start);
    System.arraycopy(bytes, start, target, at, first);
    System.arraycopy(bytes, 0, target, at + first, length - first);
  }

  /** Makes a part of this the data of a segment, without a copy. */
  void lend(int offset, int length, Segment segment) {
    segment.data = bytes;
    segment.dataOffset = length == 0 ? 0 : index(offset);
    segment.dataLength = length;
  }

  /** Takes bytes from the front. */
  void drop(int length) {
    if (length > 0) {
      head = index(length);
    }
  }

  /** Lets the memory go. */
  void free() {
    bytes = NONE;
    head = 0;
  }

  /** Bytes of memory. */
  int memory() {
    return bytes.length;
  }

  private int index(int offset) {
    return (head + offset) & (bytes.length - 1);
  }
}
