package dev.tailbridge.bridge.cli;

/** What the process tells its caller. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int CONFIGURATION = 3;
  static final int NOT_REACHABLE = 4;
  static final int PROBLEMS = 5;

  /** Of a running bridge that another process must replace. */
  static final int LOST = 6;

  private ExitCode() {}
}
