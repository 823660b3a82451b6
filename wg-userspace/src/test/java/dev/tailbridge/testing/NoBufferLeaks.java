package dev.tailbridge.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
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
      System.gc();
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    }
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  }
}
