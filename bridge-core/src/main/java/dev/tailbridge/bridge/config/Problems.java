package dev.tailbridge.bridge.config;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;

/**
 * Collects what is wrong with one file, so that all of it is reported at once. The same problem
 * found twice, as when several devices share a default, counts once.
 */
final class Problems {
  private static final Comparator<Problem> FILE_ORDER =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  /** What a quoted key or value of the file could break a line of the report with. */
  private static final Pattern LINE_BREAKERS = Pattern.compile("[\\p{Cntrl}\u2028\u2029]");

  private final String file;
  private final Set<Problem> errors = new LinkedHashSet<>();
  private final Set<Problem> warnings = new LinkedHashSet<>();

  Problems(String file) {
    this.file = file;
  }

  void error(@Nullable TomlPosition position, String message) {
    errors.add(problem(position, message));
  }

  void warning(@Nullable TomlPosition position, String message) {
    warnings.add(problem(position, message));
  }

  List<Problem> warnings() {
    return warnings.stream().sorted(FILE_ORDER).toList();
  }

  /** Returns when there was no error. */
  void throwIfAny() throws ConfigException {
    if (!errors.isEmpty()) {
      throw new ConfigException(errors.stream().sorted(FILE_ORDER).toList());
    }
  }

  private Problem problem(@Nullable TomlPosition position, String text) {
    String message = LINE_BREAKERS.matcher(text).replaceAll("?");
    return position == null
        ? new Problem(file, 0, 0, message)
        : new Problem(file, position.line(), position.column(), message);
  }
}
