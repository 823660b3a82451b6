package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.device.Finding;
import dev.tailbridge.lab.Binaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every problem that doctor can tell stands in {@code docs/troubleshooting.md}. */
class TroubleshootingPageTest {
  private static final Path COMMANDS =
      Binaries.bridgeCore().resolve("src/main/java/dev/tailbridge/bridge/cli");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

  private static String page() throws IOException {
    return Files.readString(Tool.DEPLOY.resolveSibling("docs/troubleshooting.md"));
  }

  @Test
  void everyFindingHasItsHeading() throws IOException {
    for (Finding.Kind kind : Finding.Kind.values()) {
      assertThat(page().lines()).contains("### " + kind.word());
    }
  }

  @Test
  void everyStateIsThere() throws IOException {
    String source = Files.readString(COMMANDS.resolveSibling("device").resolve("DeviceState.java"));
    List<String> words =
        Pattern.compile("DeviceState\\(\\s*\"([a-z ]+)\"")
            .matcher(source)
            .results()
            .map(word -> word.group(1))
            .distinct()
            .toList();
    assertThat(words).hasSize(8);
    for (String word : words) {
      assertThat(page()).contains("| `" + word + "` |");
    }
  }

  /** Of a message that is put together, its longest piece. */
  @Test
  void everyProblemOfTheDoctorIsThere() throws IOException {
    List<String> pieces = new ArrayList<>();
    try (Stream<Path> files = Files.list(COMMANDS)) {
      for (Path file :
          files.filter(one -> one.getFileName().toString().endsWith("Checks.java")).toList()) {
        String source = Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "");
        for (String call : calls(source)) {
          longest(call).ifPresent(pieces::add);
        }
      }
    }
    assertThat(pieces).as("messages in the sources").hasSizeGreaterThan(10);
    String page = page();
    assertThat(pieces).allSatisfy(piece -> assertThat(page).contains(piece));
  }

  /** Each problem up to the end of its statement, and each sentence that a method makes for one. */
  private static List<String> calls(String source) {
    return Pattern.compile("(Check\\.problem\\(|return\\s+\").*?;\n", Pattern.DOTALL)
        .matcher(source)
        .results()
        .map(MatchResult::group)
        .toList();
  }

  private static Optional<String> longest(String call) {
    return TEXT.matcher(call)
        .results()
        .map(text -> text.group(1).replace("\\\"", "\"").strip())
        .filter(text -> text.length() > 12)
        .max(Comparator.comparingInt(String::length));
  }
}
