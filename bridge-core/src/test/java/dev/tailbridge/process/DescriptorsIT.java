package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that may open too few files for the nodes that it is to have. */
class DescriptorsIT {

  private static final int DEVICES = 30;
  private static final int LIMIT = 280;

  /** Nobody judges how soon. */
  private static final Duration SOON = Duration.ofSeconds(90);

  /** Of a core; a loop that turns for nothing takes all of one, in each turn. */
  private static final double CALM = 0.6;

  private static final int TURNS = 5;

  @TempDir Path folder;

  @Test
  void nodesWithoutRoomWaitAndTheBridgeStaysCalmAndAnswers() {
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files = new BridgeFiles(folder).tailnet("home", control, control.authKey("me"));
      for (int i = 0; i < DEVICES; i++) {
        files.device(
            "chip-" + i,
            PrivateKey.generate(new SecureRandom()).publicKey(),
            "10.6.0." + (10 + i),
            "home");
      }
      List<String> java =
          List.of("prlimit", "--nofile=" + LIMIT, "--", BridgeProcess.currentJava());
      try (BridgeProcess bridge = BridgeProcess.start(files, java, BridgeProcess.LOOPBACK_ONLY)) {
        Set<String> run =
            await("all run or wait")
                .atMost(SOON)
                .until(() -> runIfTheOthersWait(bridge), Optional::isPresent)
                .orElseThrow();
        assertThat(run).hasSizeBetween(5, 20);
        assertThat(bridge.log()).contains("this process may have " + LIMIT + " files open");

        double used = cpuOfTenAnswers(bridge);
        for (int turn = 1; turn < TURNS && used >= CALM; turn++) { // what it began may not be done
          used = cpuOfTenAnswers(bridge);
        }
        int open = bridge.status().getAsJsonObject("process").get("descriptors").getAsInt();
        System.out.printf(
            "%d descriptors for %d devices: %d run with %d open; five answers a second took %.2f of a"
                + " core%n",
            LIMIT, DEVICES, run.size(), open, used);
        assertThat(used).as("of a core").isLessThan(CALM);
        assertThat(open).isLessThan(LIMIT - 32);

        // Who waits takes the place of who goes.
        files.without(run).write();
        await("others run")
            .atMost(SOON)
            .until(() -> running(bridge.status()).stream().anyMatch(name -> !run.contains(name)));
      }
    }
  }

  /** What the whole process takes in some two seconds, in cores. */
  private static double cpuOfTenAnswers(BridgeProcess bridge) {
    long began = System.nanoTime();
    Duration before = cpu(bridge);
    int[] answers = {0};
    await("the time of the measurement")
        .atMost(SOON)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> bridge.status().has("devices") && ++answers[0] == 10);
    return cpu(bridge).minus(before).toNanos() / (double) (System.nanoTime() - began);
  }

  private static Duration cpu(BridgeProcess bridge) {
    return bridge.process().info().totalCpuDuration().orElseThrow();
  }

  /** Both of one answer: in between one that waits may begin. */
  private static Optional<Set<String>> runIfTheOthersWait(BridgeProcess bridge) {
    JsonObject status = bridge.status();
    Set<String> run = running(status);
    return Optional.of(run).filter(names -> names.size() + waiting(status).size() == DEVICES);
  }

  private static Set<String> running(JsonObject status) {
    Set<String> names = new HashSet<>();
    for (JsonElement element : status.getAsJsonArray("devices")) {
      JsonObject device = element.getAsJsonObject();
      if (device.has("nodeState") && device.get("nodeState").getAsString().equals("Running")) {
        names.add(device.get("name").getAsString());
      }
    }
    return names;
  }

  private static Set<String> waiting(JsonObject status) {
    Set<String> names = new HashSet<>();
    for (JsonElement element : status.getAsJsonArray("devices")) {
      JsonObject device = element.getAsJsonObject();
      if (device.get("state").getAsString().equals("failed")
          && device.get("reason").getAsString().contains("waits for file descriptors")) {
        names.add(device.get("name").getAsString());
      }
    }
    return names;
  }
}
