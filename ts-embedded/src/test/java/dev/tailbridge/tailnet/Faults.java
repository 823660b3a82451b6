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
        caught -= recurse(1);
      } catch (StackOverflowError e) {
        caught++;
      }
    }
    return caught;
  }

  private static int read(Faults faults) {
    return faults.field + 1;
  }

  private static int recurse(int depth) {
    return depth == 0 ? 0 : recurse(depth + 1) + 1;
  }
}
