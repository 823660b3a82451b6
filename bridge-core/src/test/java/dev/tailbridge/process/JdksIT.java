package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Under every JDK that {@code TAILBRIDGE_TEST_JDKS} names, or the one that runs this test. */
class JdksIT {

  /** As long as {@code docker stop} waits; the bridge itself gives its nodes five seconds. */
  private static final Duration END = Duration.ofSeconds(10);

  @TempDir Path folder;

  static Stream<String> javas() {
    String homes = System.getenv().getOrDefault("TAILBRIDGE_TEST_JDKS", "");
    return homes.isBlank()
        ? Stream.of(BridgeProcess.currentJava())
        : Stream.of(homes.split(":")).map(home -> home + "/bin/java");
  }

  @ParameterizedTest
  @MethodSource("javas")
  void itCarriesTrafficAndKeepsTheConsoleCleanAndEndsInTime(String java) {
    assertThat(carryTraffic(5_000_000, List.of(java)).lines())
        .as("everything on the console is a log line")
        .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z .*"));
  }

  /** Go's and HotSpot's signal handlers, stacks and barriers must go together in each of these. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-XX:+UseG1GC",
        "-XX:+UseZGC",
        "-XX:+UseSerialGC",
        "-Xint",
        "-XX:StartFlightRecording:settings=profile"
      })
  void itRunsWithEachCollectorInterpretedAndUnderFlightRecorder(String option) {
    String log = carryTraffic(300_000, List.of(BridgeProcess.currentJava(), option));
    assertThat(log).doesNotContain("Exception");
  }

  private String carryTraffic(int bytes, List<String> java) {
    LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, java, BridgeProcess.LOOPBACK_ONLY);
          LabDevice device = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder);
          LabClient client = new LabClient(control, "me", "laptop", false, folder)) {
        bridge.awaitOnline(device.name());
        client.meet("greenhouse");
        assertThat(client.ask("get http://greenhouse/").toString()).contains("\"status\":200");
        assertThat(client.ask("down http://greenhouse " + bytes).has("error")).isFalse();
        assertThat(bridge.terminate(END)).isIn(0, 143);
        assertThat(bridge.log()).doesNotContain(control.authKey("me"));
        assertThat(files.folder().resolve("state/nodes/home/greenhouse")).isDirectory();
        return bridge.log();
      }
    }
  }
}
