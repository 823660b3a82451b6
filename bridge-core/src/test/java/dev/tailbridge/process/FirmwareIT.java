package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.bridge.cli.format.Format;
import dev.tailbridge.bridge.cli.format.Provision;
import dev.tailbridge.bridge.config.HostAndPort;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.bridge.config.TunnelServices;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.FirmwareDevice;
import dev.tailbridge.lab.LabRelay;
import dev.tailbridge.lab.SideBySide;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The core of our firmware, on a simulated chip, and a real bridge. */
@SideBySide
class FirmwareIT {
  private static final String NAME = "greenhouse";
  private static final int SPEED = 10;

  @TempDir Path folder;

  private final PrivateKey key = PrivateKey.generate(new SecureRandom());

  @Test
  void itComesBackAfterWhateverHappensToAChip() throws Exception {
    BridgeFiles files = new BridgeFiles(folder).device(NAME, key.publicKey(), "10.6.0.2", "none");
    FirmwareDevice chip;
    try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
      LabRelay first = new LabRelay("first", files.wireGuardPort(), Duration.ZERO, folder);
      chip =
          FirmwareDevice.start(
              wgQuick(bridge.publicKey(), first.address().getPort())
                  + "Endpoint = 127.0.0.1:"
                  + files.wireGuardPort()
                  + "\n",
              SPEED,
              folder);
      // Nothing is known of the time: it is waited for, and then done without.
      JsonObject begun = chip.awaitProven("its first tunnel");
      assertThat(begun.get("name").getAsString()).isEqualTo(NAME);
      assertThat(begun.get("synced").getAsBoolean()).isFalse();

      powerIsLost(chip, bridge);
      flashIsLost(chip, bridge);
      radioIsLost(chip);
      endpointIsLost(chip, first);
      awaitKept(bridge);
      bridge.process().destroyForcibly().waitFor();
    }
    try (FirmwareDevice last = chip;
        BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
      bridge.awaitDevice(NAME, "online", d -> d.get("state").getAsString().equals("online"));
      last.awaitProven("the tunnel to a bridge that started anew");
      last.ask("time yes");
      assertThat(last.awaitStatus("the time", s -> s.get("synced").getAsBoolean()))
          .satisfies(s -> assertThat(s.get("clock").getAsLong()).isNotNegative());
      assertThat(last.ask("metrics").get("metrics").getAsInt()).isGreaterThan(1000);
    }
  }

  /** The floor of its clock is in flash: no handshake looks like a replay, nobody rescues it. */
  private static void powerIsLost(FirmwareDevice chip, BridgeProcess bridge) {
    chip.ask("reboot");
    JsonObject back = chip.awaitProven("the tunnel after a loss of power");
    assertThat(back.get("powerOns").getAsInt()).isEqualTo(2);
    JsonObject seen = bridge.device(NAME);
    assertThat(seen.get("rescued").getAsLong()).isZero();
    assertThat(seen.get("drops").toString()).doesNotContain("stale_initiation");
  }

  /** All that is left is the bridge's rescue, which the core takes for what it is. */
  private static void flashIsLost(FirmwareDevice chip, BridgeProcess bridge) {
    chip.ask("reboot flash=lost");
    JsonObject back = chip.awaitProven("the tunnel after a loss of flash");
    assertThat(back.get("powerOns").getAsInt()).isEqualTo(3);
    assertThat(bridge.device(NAME).get("rescued").getAsLong()).isPositive();
  }

  /**
   * Back within the session: asked once, and nothing is begun anew. At this speed the answer has
   * 150 ms, which a busy machine may not keep every time.
   */
  private static void radioIsLost(FirmwareDevice chip) {
    boolean kept = false;
    for (int tries = 0; tries < 5 && !kept; tries++) {
      JsonObject before = chip.awaitProven("a tunnel");
      chip.ask("link down");
      chip.awaitStatus("no link", s -> s.get("tunnel").getAsString().equals("wait_link"));
      chip.ask("link up");
      JsonObject back = chip.awaitProven("the tunnel with its link");
      kept =
          back.get("sessions").equals(before.get("sessions"))
              && back.get("losses").equals(before.get("losses"));
    }
    assertThat(kept).as("in the same session").isTrue();
  }

  /** The library would send to the dead one for ever. */
  private static void endpointIsLost(FirmwareDevice chip, LabRelay first) {
    JsonObject before = chip.awaitProven("a tunnel");
    for (int tries = 0; tries < 5 && before.get("endpointIndex").getAsInt() != 0; tries++) {
      chip.ask("reboot"); // the first was slow, and is tried first again
      before = chip.awaitProven("a tunnel");
    }
    int losses = before.get("losses").getAsInt();
    first.close();
    chip.awaitStatus("the loss noticed", s -> s.get("losses").getAsInt() > losses);
    chip.awaitStatus(
        "the tunnel by its second endpoint",
        s -> FirmwareDevice.isProven(s) && s.get("endpointIndex").getAsInt() == 1);
  }

  /** A bridge that starts again calls its devices where they were. */
  private void awaitKept(BridgeProcess bridge) {
    String endpoint = bridge.device(NAME).get("endpoint").getAsString();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                Files.readString(folder.resolve("state/bridge.json"))
                    .contains(endpoint.split(":")[1]));
  }

  /** What {@code bridge device add} prints. */
  private String wgQuick(PublicKey bridge, int port) throws Exception {
    Inet4Address address = (Inet4Address) InetAddress.getByName("10.6.0.2");
    Inet4Address base = (Inet4Address) InetAddress.getByName("10.6.0.0");
    return Format.WG_QUICK.text(
        new Provision(
            NAME,
            address,
            new TunnelNetwork(base, 24),
            key,
            key.publicKey(),
            null,
            bridge,
            new HostAndPort("127.0.0.1", port),
            25,
            new TunnelServices(TunnelServices.Dns.TAILNET, /* ntp= */ true)));
  }
}
