package dev.tailbridge.wireguard.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** The vectors of an independent implementation; remembers which lines a test has used. */
final class KnownAnswers {

  private final Map<String, byte[]> answers = new HashMap<>();
  private final Set<String> unused = new HashSet<>();

  KnownAnswers() {
    String section = "";
    for (String line : text().lines().toList()) {
      if (line.startsWith("--")) {
        section = line.substring(2).strip().replaceAll("[:,].*", "") + ": ";
      } else if (!line.startsWith("#") && !line.isBlank()) {
        int equals = line.lastIndexOf('=');
        String name = section + line.substring(0, equals).strip().replaceAll("  +", " ");
        answers.put(name, HexFormat.of().parseHex(line.substring(equals + 1).strip()));
        unused.add(name);
      }
    }
  }

  byte[] get(String name) {
    byte[] answer = answers.get(name);
    if (answer == null) {
      throw new IllegalArgumentException("no vector '" + name + "' among " + answers.keySet());
    }
    unused.remove(name);
    return answer;
  }

  Set<String> unused() {
    return unused;
  }

  private static String text() {
    String file = "/dev/tailbridge/wireguard/wireguard-kat.txt";
    try (InputStream in = KnownAnswers.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
