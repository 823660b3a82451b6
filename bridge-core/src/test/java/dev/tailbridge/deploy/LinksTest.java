package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A link within the documentation leads somewhere. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]*)(?:#([^)\\s]*))?\\)");

  @Test
  void everyPageAndEveryHeadingIsThere() throws IOException {
    Path root = Tool.DEPLOY.resolveSibling("README.md");
    try (Stream<Path> docs = Files.list(root.resolveSibling("docs"))) {
      List<Path> pages =
          Stream.concat(Stream.of(root), docs.filter(page -> page.toString().endsWith(".md")))
              .toList();
      assertThat(pages).hasSizeGreaterThan(10);
      for (Path page : pages) {
        for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
          Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
          assertThat(target).as("link in " + page).exists();
          if (link.group(2) != null) {
            assertThat(anchors(target)).as("link in " + page).contains(link.group(2));
          }
        }
      }
    }
  }

  /** As GitHub makes them of headings. */
  private static List<String> anchors(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }
}
