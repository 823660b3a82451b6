package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.LabRelay;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bridge that runs takes devices up, changes them and lets them go, and disturbs no other. */
@SideBySide
class ReloadIT {

  /** What a chip's TCP moves in 100 seconds over the relay: 5744 bytes in 40 ms. */
  private static final int BULK = 14_000_000;

  private static final Duration HALF_A_WAY = Duration.ofMillis(20);
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final LabDevice greenhouse =
      new LabDevice("greenhouse", "10.6.0.2").with("-tcp-window", "5744");
  private final LabDevice boiler = new LabDevice("boiler", "10.6.0.3");

  @Test
  void aDownloadSurvivesTheAdditionChangeAndRemovalOfAnotherDevice() throws Exception {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      files.bridge("endpoint = \"127.0.0.1:" + files.wireGuardPort() + "\"");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
          LabRelay relay = new LabRelay("greenhouse", files.wireGuardPort(), HALF_A_WAY, folder);
          LabDevice chip = greenhouse.start(bridge.publicKey(), relay.address(), folder);
          LabClient laptop = new LabClient(control, "me", "laptop", false, folder)) {
        bridge.awaitOnline("greenhouse");
        laptop.meet("greenhouse");
        final String session = bridge.device("greenhouse").get("lastHandshake").getAsString();
        laptop.process().tell("&bulk down http://greenhouse " + BULK + " timeout=240");
        final long began = System.nanoTime();

        BridgeRun added =
            command(files, "add", "boiler", "--public-key", boiler.publicKey().toBase64());
        assertThat(added.code()).as(added.output()).isZero();
        assertThat(added.output())
            .containsPattern("boiler is in the tailnet as boiler\\.bridge\\.test, 100\\.\\d");
        try (LabDevice other = boiler.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
          bridge.awaitOnline("boiler");
          fetch(laptop);

          Path file = files.folder().resolve("devices.toml");
          files.write(Files.readString(file) + "hold = \"3s\"\n");
          awaitLog(bridge, "was loaded again: changed boiler");
          bridge.awaitOnline("boiler");
          fetch(laptop);
        }
        BridgeRun removed = command(files, "remove", "boiler", "--yes");
        assertThat(removed.code()).as(removed.output()).isZero();
        awaitLog(bridge, "was loaded again: removed boiler");
        assertThat(bridge.status().get("devices").getAsJsonArray()).hasSize(1);

        double seconds = (System.nanoTime() - began) / 1e9;
        // What is left of it comes by the short way: nothing more is to be seen.
        relay.close();
        chip.ask("endpoint 127.0.0.1:" + files.wireGuardPort());
        JsonObject bulk = laptop.process().answer(Duration.ofMinutes(4));
        assertThat(bulk.get("id").getAsString()).isEqualTo("bulk");
        assertThat(bulk.get("bytes").getAsLong()).as(bulk.toString()).isEqualTo(BULK);
        assertThat(bulk.get("seconds").getAsDouble())
            .as("it was under way until the last change")
            .isGreaterThan(seconds);
        assertThat(bridge.device("greenhouse").get("lastHandshake").getAsString())
            .isEqualTo(session);
        System.out.printf(
            "reload: %d bytes in %.1f s, changes until %.1f s%n",
            BULK, bulk.get("seconds").getAsDouble(), seconds);
      }
    }
  }

  @Test
  void aBridgeWithoutDevicesTakesItsFirstAndAnInvalidFileChangesNothing() throws Exception {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge")).tailnetWithoutKey("home", control);
      files.bridge("endpoint = \"127.0.0.1:" + files.wireGuardPort() + "\"");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        BridgeRun added = command(files, "add", "greenhouse");
        assertThat(added.code()).as(added.output()).isZero();
        assertThat(added.output()).contains("log greenhouse in at " + control.url());

        Path file = files.folder().resolve("devices.toml");
        String valid = Files.readString(file);
        files.write(valid + "adress = \"10.6.0.9\"\n");
        awaitLog(bridge, "is not valid, so the bridge goes on as before");
        assertThat(bridge.device("greenhouse").has("loginUrl")).isTrue();

        files.write(valid);
        awaitLog(bridge, "was loaded again: no device changed");
        hangUp(bridge);
        await()
            .atMost(SOON)
            .until(() -> bridge.log().split("was loaded again: no device changed", -1).length == 3);
      }
    }
  }

  private static void hangUp(BridgeProcess bridge) throws Exception {
    String pid = Long.toString(bridge.process().pid());
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
  }

  private static void fetch(LabClient laptop) {
    laptop.meet("boiler");
    assertThat(laptop.ask("get http://boiler/").toString()).contains("\"status\":200");
  }

  private static BridgeRun command(BridgeFiles files, String... words) {
    List<String> arguments = new ArrayList<>(List.of("device"));
    arguments.addAll(List.of(words));
    arguments.addAll(List.of("--config", files.folder().resolve("devices.toml").toString()));
    return BridgeRun.of(Binaries.bridgeJar(), arguments);
  }

  private static void awaitLog(BridgeProcess bridge, String line) {
    await().atMost(SOON).until(() -> bridge.log().contains(line));
  }
}
