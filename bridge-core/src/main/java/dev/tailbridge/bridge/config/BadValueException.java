package dev.tailbridge.bridge.config;

/** A value that its key cannot take; {@link #problem} completes "KEY in SECTION: ". */
final class BadValueException extends Exception {
  private static final long serialVersionUID = 1;

  private final String problem;

  BadValueException(String problem) {
    super(problem, null, false, false);
    this.problem = problem;
  }

  String problem() {
    return problem;
  }
}
