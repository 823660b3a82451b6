package dev.tailbridge.bridge;

import static org.slf4j.event.Level.DEBUG;
import static org.slf4j.event.Level.WARN;

import dev.tailbridge.bridge.device.LogLimit;
import dev.tailbridge.tailnet.LogSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Puts the Go library's lines into the bridge's log, the same line once a minute: its chatter is
 * for debugging only. Thread-safe.
 */
final class GoLog implements LogSink {

  private static final Logger LOG = LoggerFactory.getLogger("tailnet");

  private final LogLimit limit = new LogLimit();

  @Override
  public void log(String node, Level level, String text) {
    if (limit.pass(node + text, System.nanoTime()) == LogLimit.SUPPRESSED) {
      return;
    }
    LoggingEventBuilder line = LOG.atLevel(level == Level.ERROR ? WARN : DEBUG);
    if (!node.isEmpty()) {
      line = line.addKeyValue("device", node);
    }
    line.log(text);
  }
}
