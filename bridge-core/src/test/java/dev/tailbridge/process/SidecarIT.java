package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in a process of their own: it is killed under a download, and crashes. */
class SidecarIT {

  private static final long BYTES = 150_000_000;
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void aBridgeOutlivesItsSidecarAndSoDoWireGuardAndTcp() throws Exception {
    try (LabControl control = new LabControl(folder);
        LabClient client = new LabClient(control, "me", "laptop", false, folder)) {
      LabDevice chip = new LabDevice("greenhouse", "10.6.0.2");
      BridgeFiles files =
          new BridgeFiles(folder)
              .tailnet("home", control, control.authKey("me"))
              .line("mode = \"sidecar\"")
              .device(chip, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
          LabDevice device = chip.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        String address = bridge.awaitOnline("greenhouse");
        client.meet("greenhouse");
        assertThat(client.ask("get http://" + address + "/").get("status").getAsInt())
            .isEqualTo(200);

        JsonObject before = bridge.device("greenhouse");
        long first = kill(bridge, client, address);
        JsonObject after = bridge.device("greenhouse");
        assertThat(after.get("lastHandshake")).isEqualTo(before.get("lastHandshake"));
        assertThat(after.get("handshakes")).isEqualTo(before.get("handshakes"));
        assertThat(device.ask("status").get("connected").getAsBoolean()).isTrue();
        assertThat(client.ask("get http://" + address + "/").get("status").getAsInt())
            .isEqualTo(200);

        long second = sidecar(bridge).get("pid").getAsLong();
        assertThat(second).isNotEqualTo(first);
        crash(second);
        awaitRestarts(bridge, 2);
        assertThat(bridge.log())
            .contains("SIGABRT", "process " + second + ", ended with exit code 2, a panic of Go");
        assertThat(Files.readString(folder.resolve("state/go-crash.log"))).contains("SIGABRT");
        assertThat(bridge.awaitOnline("greenhouse")).isEqualTo(address);

        ProcessHandle third = ProcessHandle.of(pid(bridge)).orElseThrow();
        bridge.process().destroyForcibly();
        third.onExit().get(60, TimeUnit.SECONDS);
      }
    }
  }

  /** Kills the sidecar in the middle of a download, which must come to its end; returns its pid. */
  private static long kill(BridgeProcess bridge, LabClient client, String address)
      throws Exception {
    long before = fromChip(bridge);
    CompletableFuture<JsonObject> download =
        CompletableFuture.supplyAsync(
            () -> client.ask("down http://" + address + " " + BYTES + " timeout=240"));
    long pid = pid(bridge);
    await("the download runs")
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(20))
        .failFast(() -> assertThat(download).isNotDone())
        .until(() -> fromChip(bridge) - before > BYTES / 20);
    long killed = System.nanoTime();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    String told = "process " + pid + ", was killed by signal 9";
    await(told).atMost(SOON).until(() -> bridge.log().contains(told));
    assertThat(download).isNotDone();
    awaitRestarts(bridge, 1);
    assertThat(bridge.awaitOnline("greenhouse")).isEqualTo(address);
    double back = (System.nanoTime() - killed) / 1e9;
    JsonObject done = download.get(250, TimeUnit.SECONDS);
    double whole = (System.nanoTime() - killed) / 1e9;
    System.out.printf(
        "sidecar killed: the node was back after %.1f s, the download was whole after %.1f s%n",
        back, whole);
    assertThat(done.get("ok").getAsBoolean()).as("%s", done).isTrue();
    assertThat(done.get("bytes").getAsLong()).isEqualTo(BYTES);
    assertThat(back).isLessThan(15);
    assertThat(sidecar(bridge).get("restarts").getAsInt()).isEqualTo(1);
    return pid;
  }

  private static void awaitRestarts(BridgeProcess bridge, int restarts) {
    await(restarts + " restarts")
        .atMost(SOON)
        .until(() -> sidecar(bridge).get("restarts").getAsInt() == restarts);
  }

  private static void crash(long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-ABRT", String.valueOf(pid)).start().waitFor()).isZero();
  }

  private static long fromChip(BridgeProcess bridge) {
    return bridge.device("greenhouse").get("rxBytes").getAsLong();
  }

  private static long pid(BridgeProcess bridge) {
    return sidecar(bridge).get("pid").getAsLong();
  }

  private static JsonObject sidecar(BridgeProcess bridge) {
    return bridge.status().getAsJsonObject("process").getAsJsonObject("sidecar");
  }
}
