package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.RealTailscale;
import dev.tailbridge.lab.SideBySide;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bridge in the place of esp32-tailbridge: with the state that a real tailscaled wrote. */
@SideBySide
class ImportedNodesIT {

  @TempDir Path folder;

  @Test
  void aChipKeepsItsKeyItsAddressAndItsMachine() throws Exception {
    LabDevice boiler = new LabDevice("boiler", "10.6.0.2");
    PrivateKey server = PrivateKey.generate(new SecureRandom());
    try (Headscale control = Headscale.prompt(folder)) {
      final String address;
      try (RealTailscale daemon = new RealTailscale(control, "me", "boiler", folder)) {
        address = daemon.tailscale(Duration.ofSeconds(60), "ip", "-4").output().strip();
      }
      Path state = Files.createDirectories(folder.resolve("lib/tailscale-esp1"));
      Files.copy(folder.resolve("ts/tailscaled.state"), state.resolve("tailscaled.state"));
      Path wg =
          Files.writeString(
              folder.resolve("wg0.conf"),
              """
              [Interface]
              PrivateKey = %s
              Address = 10.6.0.1/24
              ListenPort = 51820
              SaveConfig = true

              [Peer]
              PublicKey = %s
              AllowedIPs = 10.6.0.2/32
              PersistentKeepalive = 25
              """
                  .formatted(server.toBase64(), boiler.publicKey().toBase64()));
      BridgeFiles files = new BridgeFiles(folder.resolve("bridge"));
      // Without an auth key, so that nothing but the state can let it in.
      Path file =
          Files.writeString(
              files.folder().resolve("devices.toml"),
              "[bridge]\n\n[tailnet.home]\ncontrol_url = \"" + control.url() + "\"\n");
      BridgeRun imported =
          BridgeRun.of(
              Binaries.bridgeJar(),
              List.of(
                  "import",
                  wg.toString(),
                  "--nodes",
                  folder.resolve("lib").toString(),
                  "--config",
                  file.toString()));
      assertThat(imported.output())
          .contains("added boiler with 10.6.0.2", "boiler stays the machine that it is");

      try (BridgeProcess bridge =
              BridgeProcess.start(
                  files.whole(Files.readString(file)), BridgeProcess.LOOPBACK_ONLY);
          LabDevice chip = boiler.start(server.publicKey(), files.wireGuardPort(), folder);
          LabClient laptop = new LabClient(control, "me", "laptop", false, folder)) {
        assertThat(bridge.awaitOnline("boiler")).isEqualTo(address);
        laptop.meet("boiler");
        assertThat(laptop.ask("get http://boiler/").toString()).contains("\"status\":200");
        assertThat(chip.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
            .isEqualTo("ok");
      }
    }
  }
}
