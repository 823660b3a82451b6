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
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that may open too few files for the nodes that it is to have. */
class DescriptorsIT {

  private static final int DEVICES = 30;
  private static final int LIMIT = 280;
  private static final Duration WATCHED = Duration.ofSeconds(2);

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
        await("all run or wait")
            .atMost(Duration.ofSeconds(30))
            .until(() -> run(bridge).size() + waiting(bridge).size() == DEVICES);
        final Set<String> run = run(bridge);
        assertThat(run).hasSizeBetween(5, 20);
        assertThat(bridge.log()).contains("this process may have " + LIMIT + " files open");

        final Duration before = cpu(bridge);
        final int[] answers = {0};
        await("the time of the measurement")
            .atMost(WATCHED.multipliedBy(3))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(200))
            .until(() -> bridge.status().has("devices") && ++answers[0] == 10);
        Duration used = cpu(bridge).minus(before);
        int open = bridge.status().getAsJsonObject("process").get("descriptors").getAsInt();
        System.out.printf(
            "%d descriptors for %d devices: %d run with %d open; %d answers took %d ms of processor"
                + " time%n",
            LIMIT, DEVICES, run.size(), open, answers[0], used.toMillis());
        assertThat(used).as("processor time").isLessThan(Duration.ofMillis(1_200));
        assertThat(open).isLessThan(LIMIT - 32);

        // Who waits takes the place of who goes.
        files.without(run).write();
        await("others run")
            .atMost(Duration.ofSeconds(30))
            .until(() -> run(bridge).stream().anyMatch(name -> !run.contains(name)));
      }
    }
  }

  private static Duration cpu(BridgeProcess bridge) {
    return bridge.process().info().totalCpuDuration().orElseThrow();
  }

  private static Set<String> run(BridgeProcess bridge) {
    Set<String> names = new HashSet<>();
    for (JsonElement element : bridge.status().getAsJsonArray("devices")) {
      JsonObject device = element.getAsJsonObject();
      if (device.has("nodeState") && device.get("nodeState").getAsString().equals("Running")) {
        names.add(device.get("name").getAsString());
      }
    }
    return names;
  }

  private static Set<String> waiting(BridgeProcess bridge) {
    Set<String> names = new HashSet<>();
    for (JsonElement element : bridge.status().getAsJsonArray("devices")) {
      JsonObject device = element.getAsJsonObject();
      if (device.get("state").getAsString().equals("failed")
          && device.get("reason").getAsString().contains("waits for file descriptors")) {
        names.add(device.get("name").getAsString());
      }
    }
    return names;
  }
}
