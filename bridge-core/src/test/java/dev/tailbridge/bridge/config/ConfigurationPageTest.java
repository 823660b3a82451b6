package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds docs/configuration.md against the reader: same keys, types and defaults, both ways. */
final class ConfigurationPageTest {
  private static final Pattern ROW =
      Pattern.compile(
          "\\| `(?<key>[a-z_]+)` \\| (?<type>[^|]+) \\| (?<default>[^|]*)\\| (?<text>.+) \\|");

  private final String page = page();

  @TempDir Path folder;

  private static String page() {
    try {
      return Files.readString(Path.of("..", "docs", "configuration.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theTablesAreTheKeysThatTheReaderKnows() {
    for (Section section : Section.ALL) {
      List<String> documented = new ArrayList<>();
      for (String line : chapter(section).lines().filter(line -> line.startsWith("| `")).toList()) {
        Matcher row = ROW.matcher(line);
        assertThat(row.matches()).as(line).isTrue();
        documented.add(
            row.group("key")
                + " "
                + row.group("type")
                + " "
                + row.group("default").strip().replace("`", ""));
        assertThat(row.group("text")).as("one sentence").endsWith(".");
      }
      List<String> known =
          section.keys().values().stream()
              .map(key -> key.name() + " " + key.type() + " " + key.defaultText())
              .toList();
      assertThat(documented).as(section.title()).containsExactlyElementsOf(known);
    }
  }

  @Test
  void theExampleIsValid() throws Exception {
    String example = page.substring(page.indexOf("```toml") + 7);
    ConfigText text = new ConfigText(folder).with("home.key", "hskey-auth-1", "rw-------");
    assertThat(text.problems(example.substring(0, example.indexOf("```")))).isEmpty();
  }

  private String chapter(Section section) {
    Map<String, String> chapters = new LinkedHashMap<>();
    for (String chapter : page.split("\n## ")) {
      int end = chapter.indexOf('\n');
      chapters.put(chapter.substring(0, end), chapter.substring(end));
    }
    assertThat(chapters).containsKey(section.title());
    return chapters.get(section.title());
  }
}
