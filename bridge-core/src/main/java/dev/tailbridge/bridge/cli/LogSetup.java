package dev.tailbridge.bridge.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.LoggerFactory;

/**
 * Sets logging up: to standard error, in our format, with no configuration file looked for.
 *
 * <p>Logback finds this class as a service and asks it first, so nothing that is logged before the
 * configuration was read looks different.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    apply(context, LogLevel.INFO, LogFormat.TEXT, System.err);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Replaces what was set up before. */
  static void apply(LogLevel level, LogFormat format, OutputStream out) {
    apply((LoggerContext) LoggerFactory.getILoggerFactory(), level, format, out);
  }

  private static void apply(
      LoggerContext context, LogLevel level, LogFormat format, OutputStream out) {
    context.reset();
    LogEncoder encoder = new LogEncoder(format, level == LogLevel.DEBUG);
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(new Unclosed(out));
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(level.name()));
    root.addAppender(appender);
    if (level == LogLevel.INFO) {
      context.getLogger("io.netty").setLevel(Level.WARN); // speaks to programmers below that
    }
  }

  /** An appender closes its stream when it is replaced; the console must outlive that. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
