package dev.tailbridge.tailnet;

/** Provokes what HotSpot notices by a signal: null pointers and full stacks. */
final class Faults {

  private int field;

  private Faults() {}

  /** Returns how many were caught. */
  static int provoke(int nullPointers, int overflows) {
    int caught = 0;
    for (int i = 0; i < nullPointers; i++) {
      try {
        caught -= read(i < 0 ? new Faults() : null);
      } catch (NullPointerException e) {
        caught++;
      }
    }
    for (int i = 0; i < overflows; i++) {
      try {
        caught -= recurse(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      } catch (StackOverflowError e) {
        caught++;
      }
    }
    return caught;
  }

  private static int read(Faults faults) {
    return faults.field + 1;
  }

  /** Wide frames fill a stack with few of them, and each costs time on the way back. */
  private static int recurse(
      int depth,
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      long h,
      long i,
      long j,
      long k,
      long l) {
    return depth == 0
        ? 0
        : recurse(depth + 1, b, c, d, e, f, g, h, i, j, k, l, a) + (int) (a + b + c + d);
  }
}
