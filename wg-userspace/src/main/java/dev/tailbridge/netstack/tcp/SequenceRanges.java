package dev.tailbridge.netstack.tcp;

/**
 * A bounded set of sequence numbers, held as disjoint ranges in order. It remembers in which order
 * ranges were last added to.
 */
final class SequenceRanges {

  private static final int FIRST_SIZE = 4;
  private static final int[] NO_NUMBERS = {};
  private static final long[] NO_STAMPS = {};

  private final int capacity;
  private int[] starts = NO_NUMBERS;
  private int[] ends = NO_NUMBERS;
  private long[] touched = NO_STAMPS;
  private int count;
  private long touches;
  private int total;

  SequenceRanges(int capacity) {
    this.capacity = capacity;
  }

  int count() {
    return count;
  }

  int start(int index) {
    return starts[index];
  }

  /** The number after the last of a range. */
  int end(int index) {
    return ends[index];
  }

  /** How many numbers are in the set. */
  int total() {
    return total;
  }

  /** Bytes of memory. */
  int memory() {
    return starts.length * (2 * Integer.BYTES + Long.BYTES);
  }

  /** Gives memory back when the set is empty. */
  void trim() {
    if (count == 0) {
      starts = NO_NUMBERS;
      ends = NO_NUMBERS;
      touched = NO_STAMPS;
    }
  }

  void clear() {
    count = 0;
    total = 0;
  }

  /**
   * Adds start to end - 1, joining what touches it.
   *
   * @return false when it would be one range too many; nothing changed then
   */
  boolean add(int start, int end) {
    int first = 0;
    while (first < count && Seq.before(ends[first], start)) {
      first++;
    }
    int behind = first;
    int from = start;
    int to = end;
    int covered = 0;
    while (behind < count && Seq.atOrBefore(starts[behind], end)) {
      from = Seq.earlier(from, starts[behind]);
      to = Seq.later(to, ends[behind]);
      covered += ends[behind] - starts[behind];
      behind++;
    }
    if (behind == first && count == capacity) {
      return false;
    }
    makeRoom(first, behind);
    starts[first] = from;
    ends[first] = to;
    touched[first] = ++touches;
    total += to - from - covered;
    return true;
  }

  /** Turns the ranges from first to behind - 1 into one place at first. */
  private void makeRoom(int first, int behind) {
    int after = count - behind;
    int newCount = first + 1 + after;
    if (newCount > starts.length) {
      int size = Math.min(capacity, Math.max(FIRST_SIZE, 2 * starts.length));
      starts = java.util.Arrays.copyOf(starts, size);
      ends = java.util.Arrays.copyOf(ends, size);
      touched = java.util.Arrays.copyOf(touched, size);
    }
    System.arraycopy(starts, behind, starts, first + 1, after);
    System.arraycopy(ends, behind, ends, first + 1, after);
    System.arraycopy(touched, behind, touched, first + 1, after);
    count = newCount;
  }

  /** Takes out everything before a number. */
  void removeBefore(int sequence) {
    int gone = 0;
    while (gone < count && Seq.atOrBefore(ends[gone], sequence)) {
      total -= ends[gone] - starts[gone];
      gone++;
    }
    System.arraycopy(starts, gone, starts, 0, count - gone);
    System.arraycopy(ends, gone, ends, 0, count - gone);
    System.arraycopy(touched, gone, touched, 0, count - gone);
    count -= gone;
    if (count > 0 && Seq.before(starts[0], sequence)) {
      total -= sequence - starts[0];
      starts[0] = sequence;
    }
  }

  /** Takes out the last range and says how long it was. */
  int removeLast() {
    count--;
    int length = ends[count] - starts[count];
    total -= length;
    return length;
  }

  /** Whether all of start to end - 1 is in the set. */
  boolean covers(int start, int end) {
    for (int i = 0; i < count; i++) {
      if (Seq.atOrBefore(starts[i], start) && Seq.atOrAfter(ends[i], end)) {
        return true;
      }
    }
    return false;
  }

  /** The first number from {@code sequence} on that is not in the set. */
  int firstMissing(int sequence) {
    for (int i = 0; i < count; i++) {
      if (Seq.before(sequence, starts[i])) {
        return sequence;
      }
      if (Seq.before(sequence, ends[i])) {
        return ends[i];
      }
    }
    return sequence;
  }

  /** The first range that begins at or after a number, or {@code otherwise}. */
  int nextStart(int sequence, int otherwise) {
    for (int i = 0; i < count; i++) {
      if (Seq.atOrAfter(starts[i], sequence)) {
        return starts[i];
      }
    }
    return otherwise;
  }

  /** How many of start to end - 1 are in the set. */
  int overlap(int start, int end) {
    int overlap = 0;
    for (int i = 0; i < count; i++) {
      int length = Seq.earlier(end, ends[i]) - Seq.later(start, starts[i]);
      overlap += Math.max(0, length);
    }
    return overlap;
  }

  /** The range that was last added to before the time of {@code stamp}; -1 when there is none. */
  int latestBefore(long stamp) {
    int latest = -1;
    for (int i = 0; i < count; i++) {
      if (touched[i] < stamp && (latest < 0 || touched[i] > touched[latest])) {
        latest = i;
      }
    }
    return latest;
  }

  long stamp(int index) {
    return touched[index];
  }
}
