package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabFleet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bridge that is killed, and a fleet that notices nothing and says nothing. */
class FleetRecoveryIT {

  private static final int DEVICES = 200;

  /** As an idle machine of two cores has it. */
  private static final Duration PROMISED = Duration.ofMillis(2500);

  /** What a machine that is busy with other things may need on top. */
  private static final Duration BUSY = Duration.ofSeconds(4);

  private static final Pattern PORT = Pattern.compile("\"port\":\\s*(\\d+)");

  @TempDir Path folder;

  @Test
  void aKilledBridgeCallsEachOfItsDevices() throws Exception {
    try (LabFleet fleet = LabFleet.start(DEVICES, folder, "-keepalive", "0")) {
      BridgeFiles files = new BridgeFiles(folder);
      for (LabFleet.Member member : fleet.members()) {
        String name = "chip-" + member.address().replace('.', '-');
        files.device(name, member.publicKey(), member.address(), "none");
      }
      try (BridgeProcess first = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        fleet.server(
            first.publicKey(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), files.wireGuardPort()));
        assertThat(fleet.ask("connect wait=80").get("up").getAsInt()).isEqualTo(DEVICES);
        Set<String> ports = ports(fleet);
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> assertThat(storedPorts()).containsAll(ports));
        first.process().destroyForcibly().waitFor();
      }
      long marked = fleet.ask("mark").get("monotonicNanos").getAsLong();
      CompletableFuture<Long> opening = opening(files.wireGuardPort());
      try (BridgeProcess second = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        JsonObject back = fleet.ask("await wait=80");
        assertThat(back.get("answered").getAsInt()).as("calls of ours").isEqualTo(DEVICES);
        assertThat(back.get("initiated").getAsInt()).as("calls of the devices").isZero();
        double opened = (opening.join() - marked) / 1e6;
        JsonObject up = back.getAsJsonObject("upMs");
        System.out.printf(
            "%d devices back after the opening of the socket: first %.0f ms, half %.0f, 90 %% %.0f, last %.0f%n",
            DEVICES,
            up.get("first").getAsDouble() - opened,
            up.get("p50").getAsDouble() - opened,
            up.get("p90").getAsDouble() - opened,
            up.get("last").getAsDouble() - opened);
        assertThat(up.get("last").getAsDouble() - opened)
            .isLessThan((double) PROMISED.plus(BUSY).toMillis());
        assertThat(fleet.ask("ping 10.6.0.1").get("received").getAsInt()).isEqualTo(DEVICES);
        assertThat(second.process().isAlive()).isTrue();
      }
    }
  }

  private Set<String> storedPorts() throws IOException {
    String state = Files.readString(folder.resolve("state/bridge.json"));
    return PORT.matcher(state).results().map(port -> port.group(1)).collect(Collectors.toSet());
  }

  private static Set<String> ports(LabFleet fleet) {
    return StreamSupport.stream(fleet.ask("devices").getAsJsonArray("devices").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .map(device -> device.get("port").getAsString())
        .collect(Collectors.toSet());
  }

  /** When that UDP port of 127.0.0.1 was opened, as {@link System#nanoTime} tells it. */
  private static CompletableFuture<Long> opening(int port) {
    String local = String.format("0100007F:%04X ", port);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            while (!Files.readString(Path.of("/proc/net/udp")).contains(local)) {
              LockSupport.parkNanos(1_000_000);
            }
            return System.nanoTime();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
