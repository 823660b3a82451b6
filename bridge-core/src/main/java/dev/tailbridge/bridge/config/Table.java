package dev.tailbridge.bridge.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table of the file while it is read: hands out values with their type checked, falls back to
 * the table of defaults, and turns whatever is wrong into a problem at the right place. A value
 * that is wrong reads as absent, so that reading can go on and find the next problem.
 */
final class Table {
  private final TomlTable toml;
  private final String label;
  private final TomlPosition position;
  private final Section section;
  private final Problems problems;
  private final @Nullable Table defaults;

  /**
   * @param label how messages call this table
   * @param defaults where a key is looked up that is not in this one
   */
  Table(
      TomlTable toml,
      String label,
      TomlPosition position,
      Section section,
      Problems problems,
      @Nullable Table defaults) {
    this.toml = toml;
    this.label = label;
    this.position = position;
    this.section = section;
    this.problems = problems;
    this.defaults = defaults;
  }

  /** Turns the text of a value into what it means. */
  interface Parser<T> {
    T parse(String text) throws BadValueException;
  }

  /** Reports keys that nobody knows. */
  void checkKeys() {
    for (String key : toml.keySet()) {
      Section.Key known = section.keys().get(key);
      if (known == null) {
        problems.error(
            positionOf(key),
            "unknown key "
                + Quote.of(key)
                + " in "
                + label
                + NearestName.hint(
                    key,
                    section.keys().keySet(),
                    "; known keys are listed in docs/configuration.md"));
      }
    }
  }

  /** Whether this very table, not its defaults, has the key. */
  boolean has(String key) {
    return toml.contains(List.of(key));
  }

  /** The table that answers for these keys: this one, the one with defaults, or null. */
  @Nullable Table ownerOf(List<String> keys) {
    if (keys.stream().anyMatch(this::has)) {
      return this;
    }
    return defaults == null ? null : defaults.ownerOf(keys);
  }

  /** Where the key stands, or where this table begins. */
  TomlPosition positionOf(String key) {
    Table owner = ownerOf(List.of(key));
    if (owner != null && owner != this) {
      return owner.positionOf(key);
    }
    TomlPosition at = toml.inputPositionOf(List.of(key));
    return at == null ? position : at;
  }

  /** The text of a key, or null when it is absent or no string. */
  @Nullable String string(String key) {
    Table owner = ownerOf(List.of(key));
    if (owner == null) {
      return null;
    }
    if (owner.toml.get(List.of(key)) instanceof String text) {
      return text;
    }
    owner.wrongType(key, "in quotes");
    return null;
  }

  /** The parsed text of a key, or null when it is absent or wrong. */
  <T> @Nullable T parse(String key, Parser<T> parser) {
    String text = string(key);
    return text == null ? null : parse(key, text, parser);
  }

  /** The parsed text of a key, or of {@code fallback} when the key is absent or wrong. */
  <T> T parseOr(String key, String fallback, Parser<T> parser) {
    T value = parse(key, parser);
    return value == null ? trusted(fallback, parser) : value;
  }

  /** Parses a text that {@code key} gave, reporting at that key; null when it is wrong. */
  <T> @Nullable T parse(String key, String text, Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (BadValueException e) {
      error(key, e.problem());
      return null;
    }
  }

  /** The whole number of a key, or null when it is absent, no number or out of range. */
  @Nullable Integer integer(String key, int least, int most) {
    Table owner = ownerOf(List.of(key));
    if (owner == null) {
      return null;
    }
    if (!(owner.toml.get(List.of(key)) instanceof Long number)) {
      owner.wrongType(key, "without quotes");
      return null;
    }
    if (number < least || number > most) {
      error(key, number + " is not possible; write a number from " + least + " to " + most);
      return null;
    }
    return number.intValue();
  }

  /** Whether a key is true; {@code absent} when it is absent or neither true nor false. */
  boolean flag(String key, boolean absent) {
    Table owner = ownerOf(List.of(key));
    if (owner == null) {
      return absent;
    }
    if (owner.toml.get(List.of(key)) instanceof Boolean flag) {
      return flag;
    }
    owner.wrongType(key, "as true or false, without quotes");
    return absent;
  }

  /** The table that is the value of a key, its keys checked; null when it is absent or none. */
  @Nullable Table table(String key, Section inner) {
    Table owner = ownerOf(List.of(key));
    if (owner == null) {
      return null;
    }
    if (!(owner.toml.get(List.of(key)) instanceof TomlTable child)) {
      owner.wrongType(key, "in braces, like { ping = false }");
      return null;
    }
    Table table =
        new Table(child, key + " of " + owner.label, owner.positionOf(key), inner, problems, null);
    table.checkKeys();
    return table;
  }

  /** Whether this very table has a text for the key. */
  boolean hasText(String key) {
    return toml.get(List.of(key)) instanceof String;
  }

  /**
   * The parsed texts and numbers of a list, which must be there; what is wrong is left out, and the
   * problem stands at its entry.
   *
   * @param example how such a list is written
   */
  <T> List<T> entries(String key, String example, Parser<T> parser) {
    List<T> values = new ArrayList<>();
    Table owner = ownerOf(List.of(key));
    if (owner == null || !(owner.toml.get(List.of(key)) instanceof TomlArray array)) {
      (owner == null ? this : owner).wrongType(key, "like " + example);
      return values;
    }
    for (int i = 0; i < array.size(); i++) {
      TomlPosition at = array.inputPositionOf(i);
      try {
        values.add(parser.parse(String.valueOf(array.get(i))));
      } catch (BadValueException e) {
        problems.error(at, key + " in " + owner.label + ": " + e.problem());
      }
    }
    return values;
  }

  /** The parsed texts of a list, or null when the key is absent or anything in it is wrong. */
  <T> @Nullable List<T> parseList(String key, Parser<T> parser) {
    Table owner = ownerOf(List.of(key));
    if (owner == null) {
      return null;
    }
    if (!(owner.toml.get(List.of(key)) instanceof TomlArray array)) {
      owner.wrongType(key, "like [\"…\"]");
      return null;
    }
    List<T> values = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof String text)) {
        owner.wrongType(key, "with each entry in quotes");
        continue;
      }
      T value = parse(key, text, parser);
      if (value != null) {
        values.add(value);
      }
    }
    return values.size() == array.size() ? values : null;
  }

  /** The parsed texts of a list, or of {@code fallback} when the key is absent or wrong. */
  <T> List<T> parseListOr(String key, List<String> fallback, Parser<T> parser) {
    List<T> values = parseList(key, parser);
    return values == null ? fallback.stream().map(text -> trusted(text, parser)).toList() : values;
  }

  /** One of a few words, or {@code absent} when the key is absent or wrong. */
  <E extends Enum<E>> E choice(String key, Class<E> words, E absent) {
    E chosen =
        parse(
            key,
            text -> {
              for (E word : words.getEnumConstants()) {
                if (written(word).equals(text)) {
                  return word;
                }
              }
              throw new BadValueException(
                  Quote.of(text)
                      + " is not possible; write "
                      + Stream.of(words.getEnumConstants())
                          .map(word -> Quote.of(written(word)))
                          .collect(Collectors.joining(" or ")));
            });
    return chosen == null ? absent : chosen;
  }

  /** Reports a problem with the value of a key. */
  void error(String key, String message) {
    Table owner = ownerOf(List.of(key));
    problems.error(
        positionOf(key), key + " in " + (owner == null ? this : owner).label + ": " + message);
  }

  /** Like {@link #error}, for what does not keep the bridge from running. */
  void warning(String key, String message) {
    Table owner = ownerOf(List.of(key));
    problems.warning(
        positionOf(key), key + " in " + (owner == null ? this : owner).label + ": " + message);
  }

  /** A doubt about the file as a whole; it is told once however often it is found. */
  void warnAboutFile(String message) {
    problems.warning(null, message);
  }

  /** Reports a problem with the table as a whole. */
  void error(String message) {
    problems.error(position, label + ": " + message);
  }

  /** Reports that a key without which the table means nothing is absent. */
  void missing(String key, String remedy) {
    problems.error(position, Quote.of(key) + " is missing in " + label + "; " + remedy);
  }

  /** Reports a key that is absent although the table means nothing without it. */
  void require(String key, String remedy) {
    if (ownerOf(List.of(key)) == null) {
      missing(key, remedy);
    }
  }

  private static <T> T trusted(String text, Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (BadValueException e) {
      throw new AssertionError("a default of our own is wrong: " + text, e);
    }
  }

  private void wrongType(String key, String how) {
    Section.Key known = section.keys().get(key);
    String type = known == null ? "string" : known.type();
    String article = type.startsWith("i") ? "an " : "a ";
    error(key, "must be " + article + type + "; write it " + how);
  }

  private static String written(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
