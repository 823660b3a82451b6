package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Whatever a file holds, a command answers in lines that people can read and with one of its exit
 * codes: never with a stack trace.
 *
 * <p>Normal builds run the inputs in {@code ConfigurationFuzzTestInputs} and hunt for some seconds;
 * CONTRIBUTING.md says how to fuzz.
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
