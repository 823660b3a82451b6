package dev.tailbridge.netstack.channel;

import io.netty.channel.EventLoop;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** How much processor time an event loop's thread uses from now on. */
final class CpuTime {

  private final long thread;
  private final long startNanos;

  private CpuTime(long thread) {
    this.thread = thread;
    this.startNanos = nanos();
  }

  static CpuTime of(EventLoop loop) throws Exception {
    return new CpuTime(loop.submit(() -> Thread.currentThread().getId()).get());
  }

  Duration used() {
    return Duration.ofNanos(nanos() - startNanos);
  }

  private long nanos() {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
  }
}
