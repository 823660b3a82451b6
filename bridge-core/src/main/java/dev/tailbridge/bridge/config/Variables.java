package dev.tailbridge.bridge.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables while they are read: hands out what they mean, and turns what is wrong into
 * problems. One that is empty is taken for absent, as Kubernetes and Compose write it.
 */
final class Variables {
  private final Function<String, @Nullable String> environment;
  private final Problems problems = new Problems("environment");

  Variables(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  Problems problems() {
    return problems;
  }

  boolean has(String name) {
    return text(name) != null;
  }

  private @Nullable String text(String name) {
    String text = environment.apply(name);
    return text == null || text.isBlank() ? null : text.strip();
  }

  void error(String name, String message) {
    problems.error(null, name + ": " + message);
  }

  void warning(String name, String message) {
    problems.warning(null, name + ": " + message);
  }

  /** Null when it is absent or wrong, which was reported. */
  <T> @Nullable T required(String name, String remedy, Table.Parser<T> parser) {
    String text = text(name);
    if (text == null) {
      error(name, "is not set; " + remedy);
      return null;
    }
    return parse(name, text, parser);
  }

  <T> T parseOr(String name, String fallback, Table.Parser<T> parser) {
    String text = text(name);
    T value = text == null ? null : parse(name, text, parser);
    try {
      return value == null ? parser.parse(fallback) : value;
    } catch (BadValueException e) {
      throw new AssertionError("a default of our own is wrong: " + fallback, e);
    }
  }

  private <T> @Nullable T parse(String name, String text, Table.Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (BadValueException e) {
      error(name, e.problem());
      return null;
    }
  }

  /** What stands between commas; null when it is absent or anything in it is wrong. */
  <T> @Nullable List<T> list(String name, String remedy, Table.Parser<T> parser) {
    return required(
        name,
        remedy,
        text -> {
          List<T> values = new ArrayList<>();
          for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
              values.add(parser.parse(part.strip()));
            }
          }
          if (values.isEmpty()) {
            throw new BadValueException("has nothing between its commas; " + remedy);
          }
          return values;
        });
  }

  /** A whole number, or {@code absent} when there is none or it is wrong. */
  int number(String name, int absent, int least, int most) {
    return parseOr(
        name,
        String.valueOf(absent),
        text -> {
          int number = -1;
          try {
            number = Integer.parseInt(text);
          } catch (NumberFormatException e) {
            // Out of range, then.
          }
          if (number != absent && (number < least || number > most)) {
            throw new BadValueException(
                Quote.of(text) + " is not possible; write a number from " + least + " to " + most);
          }
          return number;
        });
  }

  <E extends Enum<E>> E choice(String name, Class<E> words, E absent) {
    return parseOr(
        name,
        absent.name(),
        text -> {
          for (E word : words.getEnumConstants()) {
            if (word.name().equalsIgnoreCase(text)) {
              return word;
            }
          }
          throw new BadValueException(
              Quote.of(text)
                  + " is not possible; write "
                  + Stream.of(words.getEnumConstants())
                      .map(word -> word.name().toLowerCase(Locale.ROOT))
                      .collect(Collectors.joining(" or ")));
        });
  }

  /**
   * A secret, which stands in the variable or in the file that NAME_FILE names.
   *
   * @param remedy what to write when there is none; null when there need be none
   */
  <T> @Nullable T secret(String name, @Nullable String remedy, Table.Parser<T> parser) {
    String file = name + "_FILE";
    if (has(name) && has(file)) {
      error(file, "is set beside " + name + "; keep one of the two");
      return null;
    }
    if (has(file)) {
      return required(file, "", path -> parser.parse(content(path)));
    }
    if (remedy == null && !has(name)) {
      return null;
    }
    return required(name, remedy + ", in base64 or hex, or name a file with it in " + file, parser);
  }

  private static String content(String file) throws BadValueException {
    try {
      return Files.readString(Paths.absolute(file)).strip();
    } catch (NoSuchFileException e) {
      throw new BadValueException(file + " does not exist; make it");
    } catch (CharacterCodingException e) {
      throw new BadValueException(file + " is not a text file; it should hold one line");
    } catch (IOException e) {
      throw new BadValueException(
          file + " cannot be read; let the user that runs the bridge read it");
    }
  }
}
