package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HotSpot and Go in one process keep out of each other's signals, in a JVM of its own for each
 * test, under every JDK that TAILBRIDGE_TEST_JDKS names (Java homes, separated by colons).
 */
final class CoexistenceIT {

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir private Path home;
  private Lab control;
  private Process child;

  @BeforeEach
  void startControl() throws IOException {
    control = Lab.control();
  }

  @AfterEach
  void end() throws IOException {
    if (child != null) {
      child.destroyForcibly();
    }
    control.close();
  }

  static Stream<Path> jdks() {
    String named = System.getenv("TAILBRIDGE_TEST_JDKS");
    return named == null || named.isBlank()
        ? Stream.of(Path.of(System.getProperty("java.home")))
        : Arrays.stream(named.split(File.pathSeparator)).map(Path::of);
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void nullPointersAndFullStacksReachTheJvm(Path jdk) throws Exception {
    startQuiet(jdk, List.of(), "faults");
    assertEnds(0);
    assertThat(report()).isEqualTo("closed");
  }

  /** The client compiler traps at every null pointer; the other soon compiles a check. */
  @ParameterizedTest
  @MethodSource("jdks")
  void nullPointersOfTheClientCompilerReachTheJvm(Path jdk) throws Exception {
    startQuiet(jdk, List.of("-XX:TieredStopAtLevel=1"), "faults");
    assertEnds(0);
    assertThat(report()).isEqualTo("closed");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void threadDumpsUnderTrafficAndSigtermWork(Path jdk) throws Exception {
    startQuiet(jdk, List.of(), "traffic");
    awaitReport("up");
    Path output = home.resolve("output");
    for (int i = 1; i <= 20; i++) {
      run("kill", "-QUIT", Long.toString(child.pid()));
      int dumps = i;
      await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ofMillis(100))
          .until(() -> Files.readString(output).split("Full thread dump", -1).length > dumps);
    }
    for (int i = 0; i < 5; i++) {
      String jstack = run(jdk.resolve("bin/jstack").toString(), Long.toString(child.pid()));
      assertThat(jstack).contains("tailbridge-go");
    }
    child.destroy(); // SIGTERM
    assertEnds(128 + 15);
    assertThat(report()).isEqualTo("hook ran");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void brokenStandardOutputDoesNotEndTheProcess(Path jdk) throws Exception {
    child = new ProcessBuilder(command(jdk, List.of(), "pipes")).start();
    child.getInputStream().close();
    child.getErrorStream().close();
    awaitReport("up");
    Files.createFile(home.resolve("go"));
    assertEnds(0);
    assertThat(report()).isEqualTo("closed");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void aBadInheritedVariableIsAClearError(Path jdk) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command(jdk, List.of(), "faults"));
    builder.environment().put("TS_DEBUG_NEVER_DIRECT_UDP", "perhaps");
    child = builder.redirectErrorStream(true).redirectOutput(outputFile()).start();
    assertEnds(3);
    assertThat(report())
        .contains("TS_DEBUG_NEVER_DIRECT_UDP", "perhaps", "correct or unset it")
        .doesNotContain("\n");
  }

  private void startQuiet(Path jdk, List<String> flags, String mode) throws IOException {
    child =
        new ProcessBuilder(command(jdk, flags, mode))
            .redirectErrorStream(true)
            .redirectOutput(outputFile())
            .start();
  }

  private List<String> command(Path jdk, List<String> flags, String mode) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.add("-Xmx512m");
    if (!Files.readString(jdk.resolve("release")).contains("JAVA_VERSION=\"17.")) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-Dio.netty.noUnsafe=true");
    }
    command.addAll(flags);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(CoexistenceChild.class.getName());
    command.addAll(List.of(mode, home.toString(), control.controlUrl()));
    return command;
  }

  private void assertEnds(int code) throws Exception {
    boolean ended = child.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    String output = outputFile().exists() ? Files.readString(outputFile().toPath()) : "";
    assertThat(ended).as("it ends in time; its output: %s", output).isTrue();
    assertThat(child.exitValue()).as("its output: %s", output).isEqualTo(code);
  }

  private void awaitReport(String text) {
    await()
        .atMost(PATIENCE)
        .failFast(() -> assertThat(child.isAlive()).isTrue())
        .until(() -> Files.exists(home.resolve("report")) && report().equals(text));
  }

  private String report() throws IOException {
    return Files.readString(home.resolve("report"));
  }

  private File outputFile() {
    return home.resolve("output").toFile();
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
