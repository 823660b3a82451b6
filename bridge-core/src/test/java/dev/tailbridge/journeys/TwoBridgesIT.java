package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two bridges with different devices in one tailnet, and a device that moves between them. */
@SideBySide
class TwoBridgesIT {

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice boiler = new LabDevice("boiler", "10.6.0.3");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.2");

  @Test
  void aDeviceMovesAndStaysTheMachineThatItIs() {
    try (Headscale control = Headscale.prompt(folder)) {
      String key = control.authKey("me");
      BridgeFiles north =
          new BridgeFiles(folder.resolve("north"))
              .tailnet("home", control, key)
              .device(greenhouse, "home")
              .device(boiler, "home");
      BridgeFiles south =
          new BridgeFiles(folder.resolve("south"))
              .tailnet("home", control, key)
              .device(doorbell, "home");
      try (BridgeProcess first = BridgeProcess.start(north, BridgeProcess.LOOPBACK_ONLY);
          BridgeProcess second = BridgeProcess.start(south, BridgeProcess.LOOPBACK_ONLY);
          LabClient laptop = new LabClient(control, "me", "laptop", false, folder);
          LabDevice stays = greenhouse.start(first.publicKey(), north.wireGuardPort(), folder);
          LabDevice other = doorbell.start(second.publicKey(), south.wireGuardPort(), folder)) {
        assertThat(List.of(stays.name(), other.name())).containsExactly("greenhouse", "doorbell");
        final String address;
        try (LabDevice before = boiler.start(first.publicKey(), north.wireGuardPort(), folder)) {
          assertThat(before.name()).isEqualTo("boiler");
          address = first.awaitOnline("boiler");
          first.awaitOnline("greenhouse");
          second.awaitOnline("doorbell");
          answers(laptop, "greenhouse", "boiler", "doorbell");
        }
        final String session = first.device("greenhouse").get("lastHandshake").getAsString();

        String bundle = folder.resolve("boiler.json").toString();
        bridge(north, "export", "boiler", "--move", bundle);
        bridge(south, "import", bundle);
        try (LabDevice after = boiler.start(second.publicKey(), south.wireGuardPort(), folder)) {
          assertThat(after.name()).isEqualTo("boiler");
          second.awaitDevice("boiler", "taken up", device -> device.has("state"));
          assertThat(second.awaitOnline("boiler")).isEqualTo(address);
          answers(laptop, "boiler", "greenhouse", "doorbell");
        }
        assertThat(first.device("greenhouse").get("lastHandshake").getAsString())
            .as("the one that stayed was not disturbed")
            .isEqualTo(session);
      }
    }
  }

  private static void answers(LabClient laptop, String... names) {
    for (String name : names) {
      laptop.meet(name);
      assertThat(laptop.ask("get http://" + name + "/").toString()).contains("\"status\":200");
    }
  }

  private static void bridge(BridgeFiles files, String command, String... words) {
    List<String> all = new ArrayList<>(List.of("device", command));
    all.addAll(List.of(words));
    all.addAll(List.of("--config", files.folder().resolve("devices.toml").toString()));
    BridgeRun run = BridgeRun.of(Binaries.bridgeJar(), all);
    assertThat(run.code()).as(run.output()).isZero();
  }
}
