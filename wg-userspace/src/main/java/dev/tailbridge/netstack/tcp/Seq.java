package dev.tailbridge.netstack.tcp;

/**
 * Sequence numbers compared modulo 2^32 (RFC 9293 3.4). Two numbers must be less than 2^31 apart.
 */
final class Seq {

  private Seq() {}

  static boolean before(int a, int b) {
    return a - b < 0;
  }

  static boolean after(int a, int b) {
    return a - b > 0;
  }

  static boolean atOrBefore(int a, int b) {
    return a - b <= 0;
  }

  static boolean atOrAfter(int a, int b) {
    return a - b >= 0;
  }

  static int later(int a, int b) {
    return after(a, b) ? a : b;
  }

  static int earlier(int a, int b) {
    return before(a, b) ? a : b;
  }
}
