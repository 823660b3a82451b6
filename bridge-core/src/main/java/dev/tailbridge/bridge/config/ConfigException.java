package dev.tailbridge.bridge.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used; carries every problem that was found, in file order. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // List.copyOf of records of strings and ints; never serialized anyway
  private final List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** At least one, in file order. */
  public List<Problem> problems() {
    return problems;
  }
}
