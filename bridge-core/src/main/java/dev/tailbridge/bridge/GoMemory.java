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
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return limitBytes(system.getTotalMemorySize(), Runtime.getRuntime().maxMemory());
  }

  /**
   * @param available bytes that the process may use
   * @param javaHeap the most that the JVM's heap takes of it
   */
  static long limitBytes(long available, long javaHeap) {
    return Math.max(LEAST, available - javaHeap - JVM_BESIDES_HEAP);
  }
}
