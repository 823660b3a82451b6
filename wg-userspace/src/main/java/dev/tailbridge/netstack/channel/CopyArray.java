package dev.tailbridge.netstack.channel;

import io.netty.util.concurrent.FastThreadLocal;

/** One array for each event loop, for bytes on their way from a buffer outside of the heap. */
final class CopyArray {

  private static final int LENGTH = 16 << 10;

  private static final FastThreadLocal<byte[]> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[LENGTH];
        }
      };

  private CopyArray() {}

  static byte[] ofThisThread() {
    return OF_THREAD.get();
  }
}
