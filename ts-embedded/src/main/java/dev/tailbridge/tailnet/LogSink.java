package dev.tailbridge.tailnet;

/**
 * Takes the log lines of the Go library, keys already hidden.
 *
 * <p>Called on the control loop: it must not block. Lines are dropped under pressure before they
 * get here, so it sees a sample, not a record.
 */
@FunctionalInterface
public interface LogSink {

  /** How much a line matters; the library knows two levels. */
  enum Level {
    /** What happened. */
    INFO,
    /** What went wrong. */
    ERROR
  }

  /**
   * One line.
   *
   * @param node the {@linkplain NodeConfig#name() name} of the node it is about; empty when it is
   *     about the library
   */
  void log(String node, Level level, String text);
}
