package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mistake that a person can make gives one line that names it and the remedy. */
@SideBySide
class BadInputIT {

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");

  @Test
  void withoutArgumentsItShowsItsUsage() {
    BridgeRun run = BridgeRun.of(Binaries.bridgeJar(), List.of());
    assertThat(run.code()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("--config devices.toml");
  }

  @Test
  void aMissingFileIsNamed() {
    BridgeRun run = BridgeRun.withConfig(folder.resolve("nowhere.toml"));
    assertOneLine(run, 3, "nowhere.toml");
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheNearestKnown() throws Exception {
    Path file = plain().write();
    Files.writeString(file, Files.readString(file).replace("address =", "adress ="));
    BridgeRun run = BridgeRun.withConfig(file);
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.output()).containsPattern("devices\\.toml:\\d+:1: .*adress.*address");
  }

  @Test
  void aWordThatIsNotPossibleIsRefusedWithThoseThatAre() {
    Path file = new BridgeFiles(folder).line("[tailnet.home]").line("mode = \"container\"").write();
    BridgeRun run = BridgeRun.withConfig(file);
    assertOneLine(run, 3, "container", "embedded", "sidecar");
  }

  @Test
  void anAddressThatTwoDevicesHaveIsNamed() {
    LabDevice twin = new LabDevice("twin", "10.6.0.2");
    Path file = new BridgeFiles(folder).device(greenhouse, "none").device(twin, "none").write();
    assertOneLine(BridgeRun.withConfig(file), 3, "10.6.0.2", "greenhouse");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    BridgeFiles files = plain();
    try (DatagramSocket taken =
        new DatagramSocket(files.wireGuardPort(), InetAddress.getLoopbackAddress())) {
      BridgeRun run = BridgeRun.withConfig(files.write());
      assertOneLine(run, 1, "127.0.0.1", Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void aSecondBridgeNamesTheFirst() {
    BridgeFiles files = plain();
    try (BridgeProcess first = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
      BridgeRun run = BridgeRun.withConfig(files.folder().resolve("devices.toml"));
      assertOneLine(run, 1, Long.toString(first.process().pid()));
      assertThat(first.device("greenhouse").get("state").getAsString())
          .isEqualTo("waiting for device");
    }
  }

  @Test
  void secretsThatOthersCanReadAreAWarning() throws Exception {
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder)
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      Path file = files.write();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      BridgeRun run =
          BridgeRun.of(Binaries.bridgeJar(), List.of("validate", "--config", file.toString()));
      assertThat(run.code()).as(run.output()).isZero();
      assertThat(run.output()).contains("chmod 600");
    }
  }

  @Test
  void aWrongAuthKeyOfOneDeviceDoesNotStopTheOthers() {
    try (LabControl control = LabControl.requiring("the-right-key", folder)) {
      BridgeFiles files =
          new BridgeFiles(folder)
              .tailnet("home", control, "the-right-key")
              .device(greenhouse, "home")
              .device(doorbell, "home", "auth_key = \"the-wrong-key\"");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        bridge.awaitDevice(
            "greenhouse", "running", d -> d.has("nodeState") && is(d, "nodeState", "Running"));
        var failed = bridge.awaitDevice("doorbell", "failed", d -> is(d, "state", "failed"));
        assertThat(failed.get("reason").getAsString()).isNotBlank().doesNotContain("the-wrong-key");
        assertThat(bridge.log()).contains("device=doorbell").doesNotContain("the-wrong-key");
      }
    }
  }

  @Test
  void anUnreachableControlServerIsToldPerDevice() throws Exception {
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder)
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      control.close();
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        var device =
            bridge.awaitDevice(
                "greenhouse", "told about", d -> !d.get("reason").getAsString().isBlank());
        assertThat(device.get("state").getAsString()).isIn("starting", "failed");
      }
    }
  }

  @Test
  void aJarWithoutTheNativeLibrarySaysSo() throws Exception {
    Path jar = folder.resolve("bridge-without.jar");
    Files.copy(Binaries.bridgeJar(), jar);
    try (FileSystem contents = FileSystems.newFileSystem(jar);
        Stream<Path> natives = Files.list(contents.getPath("META-INF/native"))) {
      for (Path arch : natives.filter(Files::isDirectory).toList()) {
        try (Stream<Path> libraries = Files.list(arch)) {
          for (Path library : libraries.toList()) {
            Files.delete(library);
          }
        }
      }
    }
    try (LabControl control = new LabControl(folder)) {
      Path file =
          new BridgeFiles(folder)
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home")
              .write();
      BridgeRun run = BridgeRun.of(jar, List.of("--config", file.toString()));
      assertOneLine(run, 1, "libtailbridge.so");
    }
  }

  @Test
  void statusWithoutARunningBridgeSaysSo() {
    Path file = plain().write();
    BridgeRun run =
        BridgeRun.of(Binaries.bridgeJar(), List.of("status", "--config", file.toString()));
    assertOneLine(run, 4, "127.0.0.1");
  }

  private BridgeFiles plain() {
    return new BridgeFiles(folder).device(greenhouse, "none");
  }

  private static boolean is(com.google.gson.JsonObject device, String field, String value) {
    return device.get(field).getAsString().equals(value);
  }

  private static void assertOneLine(BridgeRun run, int code, String... named) {
    assertThat(run.code()).as(run.output()).isEqualTo(code);
    assertThat(run.output().strip()).doesNotContain("\n").contains(named);
  }
}
