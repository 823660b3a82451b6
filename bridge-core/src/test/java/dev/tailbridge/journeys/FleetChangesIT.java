package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.RealTailscale;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a fleet on Headscale when it grows, when a device goes, when users differ. */
@SideBySide
class FleetChangesIT {

  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");
  private final LabDevice boiler = new LabDevice("boiler", "10.6.0.4");
  private final LabDevice garage = new LabDevice("garage", "10.6.0.5");

  @Test
  void aFourthDeviceLeavesTheOthersTheirAddressesAndARenamedOneKeepsIts() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home")
              .device(doorbell, "home")
              .device(boiler, "home");
      List<String> before;
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        before = addresses(bridge, "greenhouse", "doorbell", "boiler");
        assertThat(bridge.terminate(Duration.ofSeconds(30))).isIn(0, 143);
      }
      files.device(garage, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        assertThat(addresses(bridge, "greenhouse", "doorbell", "boiler")).isEqualTo(before);
        assertThat(addresses(bridge, "garage")).doesNotContainAnyElementsOf(before);
      }
      assertThat(control.nodes()).hasSize(4);
    }
  }

  @Test
  void aDeviceWithoutAKeyShowsItsLoginUrl() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnetWithoutKey("home", control)
              .device(greenhouse, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        JsonObject device =
            bridge.awaitDevice("greenhouse", "waiting for login", d -> d.has("loginUrl"));
        assertThat(device.get("loginUrl").getAsString()).startsWith(control.url());
        assertThat(device.get("state").getAsString()).isEqualTo("waiting for login");
        assertThat(bridge.log()).contains(device.get("loginUrl").getAsString());
      }
    }
  }

  @Test
  void aPingToTheNodeGetsNoAnswerWhenTheDeviceIsGone() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
          LabClient client = new LabClient(control, "me", "laptop", false, folder);
          RealTailscale real = new RealTailscale(control, "me", "desktop", folder);
          LabDevice device = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        String address = bridge.awaitOnline("greenhouse");
        client.meet("greenhouse");
        Journeys.assertFine(client.ask("ping " + address + " timeout=20"));
        assertThat(icmpPing(real, address, 10)).contains("pong");
        device.close();
        client.process().tell("ping " + address);
        assertThat(icmpPing(real, address, 2)).doesNotContain("pong");
        JsonObject silence = client.process().answer(SOON);
        assertThat(silence.toString()).contains("no answer");
        // The node itself is still there: Tailscale's own ping, which stays in Go, is answered.
        Journeys.assertFine(client.ask("tsmp greenhouse timeout=20"));
      }
    }
  }

  @Test
  void devicesOfTwoUsersCannotSeeEachOther() {
    try (Headscale control = Headscale.prompt(folder)) {
      String alice = control.authKey("alice");
      String bob = control.authKey("bob");
      control.separateUsers("alice", "bob");
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, alice)
              .device(greenhouse, "home")
              .device(doorbell, "home", "auth_key = \"" + bob + "\"");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
          LabClient laptop = new LabClient(control, "alice", "laptop", false, folder);
          LabDevice hers = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder);
          LabDevice his = doorbell.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        String greenhouseAddress = bridge.awaitOnline("greenhouse");
        String doorbellAddress = bridge.awaitOnline("doorbell");
        laptop.meet("greenhouse");
        assertThat(laptop.ask("get http://greenhouse/").toString()).contains("\"status\":200");
        assertThat(laptop.ask("peers").toString()).doesNotContain("doorbell");
        laptop.process().tell("ping " + doorbellAddress);
        hers.process().tell("tcp " + doorbellAddress + ":80");
        his.process().tell("tcp " + greenhouseAddress + ":80");
        assertThat(laptop.process().answer(SOON).toString()).doesNotContain("\"result\":\"ok\"");
        assertThat(hers.process().answer(SOON).get("result").getAsString()).isNotEqualTo("ok");
        assertThat(his.process().answer(SOON).get("result").getAsString()).isNotEqualTo("ok");
      }
    }
  }

  /** Pings until there is an answer, so often at most: the first may be lost on the way. */
  private static String icmpPing(RealTailscale real, String address, int times) {
    return real.tailscale(
            Duration.ofSeconds(60), "ping", "--icmp", "--c=" + times, "--timeout=2s", address)
        .output();
  }

  private static List<String> addresses(BridgeProcess bridge, String... names) {
    return Stream.of(names)
        .map(
            name ->
                bridge.awaitDevice(
                    name,
                    "in the tailnet",
                    d -> !d.get("tailnetAddresses").getAsJsonArray().isEmpty()))
        .map(d -> d.get("tailnetAddresses").getAsJsonArray().get(0).getAsString())
        .toList();
  }
}
