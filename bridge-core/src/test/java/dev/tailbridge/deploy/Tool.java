package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailbridge.lab.Binaries;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of this machine; a test that needs one is skipped where it is missing. */
final class Tool {
  static final Path DEPLOY = Binaries.bridgeCore().resolveSibling("deploy");

  private Tool() {}

  /** Whether a program, by its name or its path, can be run. */
  static boolean isThere(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
  }

  /** Runs it in {@code deploy/}, to its end. */
  static String output(String... command) throws Exception {
    assumeTrue(isThere(command[0]), command[0] + " is not installed");
    Path output = Files.createTempFile("tb", ".out");
    Process process =
        new ProcessBuilder(List.of(command))
            .directory(DEPLOY.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(output, StandardCharsets.UTF_8);
    Files.delete(output);
    assertThat(process.exitValue()).as(String.join(" ", command) + ":\n" + text).isZero();
    return text;
  }
}
