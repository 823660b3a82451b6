package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A table of simulated results that is committed: a change of it is a change of behaviour, to be
 * looked at. {@code -Dnetsim.full=true} makes the large table of many seeds instead of the quick
 * one; either is the same on every machine. What a comparison prints as actual is what to commit.
 */
final class Snapshot {

  static final boolean FULL = Boolean.getBoolean("netsim.full");

  private final String name;
  private final StringBuilder table = new StringBuilder();

  Snapshot(String name, String heading) {
    this.name = name + (FULL ? "-full.txt" : "-quick.txt");
    table.append(heading).append('\n');
  }

  void row(String format, Object... values) {
    table.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  void matches() throws IOException {
    try (InputStream in = Snapshot.class.getResourceAsStream(name)) {
      String committed = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String[] lines = committed.split("\n", -1);
      int comments = 0;
      while (comments < lines.length && lines[comments].startsWith("#")) {
        comments++;
      }
      String rest = String.join("\n", Arrays.asList(lines).subList(comments, lines.length));
      assertThat(table.toString()).as(name).isEqualTo(rest);
    }
  }
}
