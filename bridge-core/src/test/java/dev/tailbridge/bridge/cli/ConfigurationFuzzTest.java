package dev.tailbridge.bridge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Whatever a file holds, a command answers in lines that people can read and with one of its exit
 * codes: never with a stack trace.
 *
 * <p>Normal builds run the inputs in {@code ConfigurationFuzzTestInputs}; CONTRIBUTING.md says how
 * to fuzz.
 */
class ConfigurationFuzzTest {

  private static Path folder = Path.of("");

  @BeforeAll
  static void makeFolder() throws IOException {
    folder = Files.createTempDirectory("fuzz");
  }

  @AfterAll
  static void removeFolder() throws IOException {
    Files.deleteIfExists(folder.resolve("devices.toml"));
    Files.delete(folder);
  }

  /** The part that reads, which a hunt asks a hundred times as often as a whole command. */
  @FuzzTest
  void anyText(byte[] content) {
    String text = new String(content, UTF_8);
    try {
      ConfigReader.check(Path.of("devices.toml"), text, name -> "value");
    } catch (ConfigException e) {
      assertThat(e.problems()).isNotEmpty();
      for (Problem problem : e.problems()) {
        assertThat(problem.toString()).hasLineCount(1).doesNotContain("Exception");
      }
    }
  }

  @FuzzTest
  void anyFile(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("devices.toml"), content);
    CommandRun run = CommandRun.of("validate", "--config", file.toString());
    assertThat(run.code()).isIn(0, 3);
    assertThat(run.out() + run.err())
        .doesNotContain("\tat ", "internal error", "Exception", "java.");
    assertThat(run.code() == 0 || !run.err().isEmpty()).as("a reason").isTrue();
  }
}
