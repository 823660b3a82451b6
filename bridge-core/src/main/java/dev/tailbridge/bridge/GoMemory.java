package dev.tailbridge.bridge;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much memory the Go library may plan with: what a container, or the machine, lets this process
 * use, without the JVM's part. Beyond it Go collects garbage more often; it is no hard limit.
 */
final class GoMemory {

  /** Classes, compiled code, threads, buffers outside of the heap. */
  private static final long JVM_BESIDES_HEAP = 128L << 20;

  /** With less, collecting garbage would be all that Go does. */
  private static final long LEAST = 64L << 20;

  private GoMemory() {}

  static long limitBytes() {
    long javaHeap = Runtime.getRuntime().maxMemory();
    return limitBytes(available(javaHeap), javaHeap);
  }

  private static long available(long javaHeap) {
    try {
      return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    } catch (RuntimeException | LinkageError e) {
      // Java 17 fails so in a control group namespace of version 1. A heap is a quarter by default.
      return javaHeap > Long.MAX_VALUE / 4 ? javaHeap : 4 * javaHeap;
    }
  }

  /**
   * @param available bytes that the process may use
   * @param javaHeap the most that the JVM's heap takes of it
   */
  static long limitBytes(long available, long javaHeap) {
    return Math.max(LEAST, available - javaHeap - JVM_BESIDES_HEAP);
  }
}
