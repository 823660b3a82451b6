package dev.tailbridge.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails a test class when a buffer was lost in it: Netty reports that in its log, and finds out
 * when the buffer's memory is collected and another one is made.
 */
public final class NoBufferLeaks implements BeforeAllCallback, AfterAllCallback {

  private static final int ROUNDS = 5;
  private static final long PATIENCE_MILLIS = 20_000;

  private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    if (ResourceLeakDetector.getLevel() != ResourceLeakDetector.Level.PARANOID) {
      throw new IllegalStateException(
          "run tests with -Dio.netty.leakDetection.level=paranoid, or leaks stay unseen");
    }
    collect();
    reports.start();
    logger().addAppender(reports);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    collect();
    logger().detachAppender(reports);
    if (!reports.list.isEmpty()) {
      throw new AssertionError(reports.list.get(0).getFormattedMessage());
    }
  }

  private static void collect() {
    for (int i = 0; i < ROUNDS; i++) {
      ReferenceQueue<Object> collected = new ReferenceQueue<>();
      WeakReference<Object> garbage = new WeakReference<>(new Object(), collected);
      System.gc();
      awaitHandling(garbage, collected);
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    }
  }

  /** What was collected is told by a thread of the JVM's, which a busy machine lets wait. */
  private static void awaitHandling(
      WeakReference<Object> garbage, ReferenceQueue<Object> collected) {
    try {
      if (collected.remove(PATIENCE_MILLIS) != garbage) {
        throw new IllegalStateException("this JVM collects no garbage when it is asked to");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  }
}
