package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each value of {@code crypto}, under each Java, against wireguard-go. */
@SideBySide
class CryptoIT {

  private static final String LOG_LINE = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z .*";

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");

  static Stream<Arguments> javasAndValues() {
    return JdksIT.javas()
        .flatMap(
            java ->
                Stream.of("auto", "bouncycastle", "conscrypt", "jdk")
                    .map(value -> Arguments.of(java, value)));
  }

  @ParameterizedTest
  @MethodSource("javasAndValues")
  void eachIsUsedAndNamedAndQuiet(String java, String value) {
    BridgeFiles files =
        new BridgeFiles(folder).bridge("crypto = \"" + value + "\"").device(greenhouse, "none");
    try (BridgeProcess bridge =
            BridgeProcess.start(files, List.of(java), BridgeProcess.LOOPBACK_ONLY);
        LabDevice device = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
      assertThat(device.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
          .isEqualTo("ok");
      String used = value.equals("auto") ? "conscrypt" : value;
      String crypto = bridge.status().get("crypto").getAsString();
      assertThat(crypto).matches(used.equals("bouncycastle") ? used : used + " \\d+[.\\d]*");
      assertThat(bridge.log()).containsOnlyOnce("crypto: " + crypto);
      assertThat(bridge.log().lines())
          .as("everything on the console is a log line")
          .allMatch(line -> line.matches(LOG_LINE))
          .noneMatch(line -> line.contains("WARN"));
    }
    assertThat(folder.resolve("state/native"))
        .as("what was unpacked there is gone again")
        .isDirectoryNotContaining(file -> file.toString().contains("conscrypt"));
  }

  @ParameterizedTest
  @MethodSource("dev.tailbridge.process.JdksIT#javas")
  void whereConscryptCannotBeLoadedTheNextBestDoesItsWork(String java) throws Exception {
    BridgeFiles files = new BridgeFiles(folder).device(greenhouse, "none");
    Path jar = withoutConscryptsLibrary();
    try (BridgeProcess bridge =
            BridgeProcess.start(files, List.of(java), jar, BridgeProcess.LOOPBACK_ONLY);
        LabDevice device = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
      assertThat(device.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
          .isEqualTo("ok");
      assertThat(bridge.status().get("crypto").getAsString()).matches("jdk \\d+.*|bouncycastle");
      assertThat(bridge.log().lines().filter(line -> line.contains("WARN")))
          .singleElement()
          .asString()
          .contains("conscrypt cannot be used: UnsatisfiedLinkError")
          .containsPattern("; (jdk|bouncycastle) does its work$");
      assertThat(bridge.log().lines()).allMatch(line -> line.matches(LOG_LINE));
    }
  }

  @Test
  void askedForByNameThatIsAnErrorOfOneLine() throws Exception {
    Path file =
        new BridgeFiles(folder).bridge("crypto = \"conscrypt\"").device(greenhouse, "none").write();
    BridgeRun run = BridgeRun.of(withoutConscryptsLibrary(), List.of("--config", file.toString()));
    assertThat(run.code()).as(run.output()).isEqualTo(1);
    assertThat(run.output().strip())
        .doesNotContain("\n")
        .contains("devices.toml: crypto in [bridge]: conscrypt cannot be used: ")
        .contains("; use auto or bouncycastle");
  }

  @Test
  void anUnknownNameIsAnErrorWithItsPlace() {
    Path file =
        new BridgeFiles(folder).bridge("crypto = \"openssl\"").device(greenhouse, "none").write();
    BridgeRun run = BridgeRun.withConfig(file);
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.output().strip())
        .matches(
            ".*devices\\.toml:\\d+:1: crypto in \\[bridge\\]: "
                + Pattern.quote(
                    "\"openssl\" is not possible; write \"auto\" or \"bouncycastle\" or"
                        + " \"conscrypt\" or \"jdk\""));
  }

  /** As on a machine for which Conscrypt has none. */
  private Path withoutConscryptsLibrary() throws IOException {
    Path jar = folder.resolve("bridge-without.jar");
    Files.copy(Binaries.bridgeJar(), jar);
    try (FileSystem contents = FileSystems.newFileSystem(jar)) {
      for (String architecture : new String[] {"x86_64", "aarch_64"}) {
        Files.delete(
            contents.getPath(
                "META-INF/native/libconscrypt_openjdk_jni-linux-" + architecture + ".so"));
      }
    }
    return jar;
  }
}
