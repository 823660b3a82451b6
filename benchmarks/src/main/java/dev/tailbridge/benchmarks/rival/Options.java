package dev.tailbridge.benchmarks.rival;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Named values from a command line. */
final class Options {

  private final Map<String, String> values;

  private Options(Map<String, String> values) {
    this.values = values;
  }

  /** Reads {@code --name value} pairs of these names. */
  static Options parse(String[] args, String... names) {
    Set<String> known = Set.of(names);
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!known.contains(name) || i + 1 == args.length) {
        throw new IllegalArgumentException("Options: " + known + ", each as --name value");
      }
      values.put(name, args[i + 1]);
    }
    return new Options(values);
  }

  /** Reads words {@code name=value}. */
  static Options ofWords(List<String> words) {
    Map<String, String> values = new HashMap<>();
    for (String word : words) {
      int split = word.indexOf('=');
      if (split < 0) {
        throw new IllegalArgumentException("not name=value: " + word);
      }
      values.put(word.substring(0, split), word.substring(split + 1));
    }
    return new Options(values);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  String required(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return value;
  }

  int integer(String name, int otherwise) {
    String value = values.get(name);
    return value == null ? otherwise : Integer.parseInt(value);
  }
}
