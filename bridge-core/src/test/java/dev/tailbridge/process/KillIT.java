package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.bridge.state.StateStore;
import dev.tailbridge.wireguard.PublicKey;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at random moments, while devices are added, renamed and removed: no configured device and
 * no node's identity is lost, and what comes next starts from where that was. Ten times; {@code
 * -Dkill.times=200} for more.
 */
class KillIT {

  private static final int TIMES = Integer.getInteger("kill.times", 10);

  @TempDir Path folder;

  /** What must be so: names by key, and who has had an identity before. */
  private Map<String, String> devices = new LinkedHashMap<>();

  private final Set<String> enrolled = new HashSet<>();

  @Test
  void nothingThatWasDoneIsLost() throws Exception {
    Path file = folder.resolve("devices.toml");
    Files.writeString(
        file,
        """
        # Written by hand, and kept.
        [bridge]
        network = "10.6.0.0/16"
        [tailnet.home]
        auth_key = "tskey-none"
        """);
    int changes = 0;
    int halfway = 0;
    for (int time = 1; time <= TIMES; time++) {
      Random random = new Random(time);
      Process child = start(file, time);
      int before = random.nextInt(40);
      String doing = "";
      try (BufferedReader lines = child.inputReader()) {
        int done = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (!line.equals("done")) {
            doing = line;
          } else {
            happened(doing);
            doing = "";
            changes++;
            done++;
          }
          if (done == before && child.isAlive()) {
            LockSupport.parkNanos(random.nextInt(8_000_000));
            child.toHandle().destroyForcibly(); // what it has said can still be read
          }
        }
      }
      assertThat(child.waitFor()).as("128 + SIGKILL").isEqualTo(137);
      halfway += doing.isEmpty() ? 0 : 1;
      check(file, doing);
    }
    System.out.printf(
        "kill -9: %d times, %d of them halfway through one of %d changes, %d devices at the end%n",
        TIMES, halfway, changes, devices.size());
  }

  private Process start(Path file, int time) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            EditingChild.class.getName(),
            file.toString(),
            folder.resolve("state").toString(),
            Integer.toString(time))
        .redirectError(folder.resolve("child.log").toFile())
        .start();
  }

  private void happened(String said) {
    devices = after(said);
    enrolled.addAll(devices.keySet());
  }

  private Map<String, String> after(String said) {
    Map<String, String> next = new LinkedHashMap<>(devices);
    String[] words = said.split(" ");
    switch (words[0]) {
      case "add", "rename" -> next.put(words[1], words[2]);
      case "remove" -> next.remove(words[1]);
      default -> {}
    }
    return next;
  }

  /** As the next start of a bridge sees it. */
  private void check(Path file, String doing) throws Exception {
    assertThat(folder.resolve("child.log")).as("the child itself found no fault").isEmptyFile();
    assertThat(Files.readString(file)).startsWith("# Written by hand, and kept.\n");
    BridgeConfig config = ConfigReader.read(file, name -> null).config();
    Map<String, String> found = new LinkedHashMap<>();
    config.devices().forEach(device -> found.put(device.publicKey().toBase64(), device.name()));
    assertThat(List.of(devices, after(doing))).as("while: %s", doing).contains(found);
    devices = found;
    try (StateDirectory directory = StateDirectory.open(folder.resolve("state"))) {
      StateStore store = StateStore.open(directory);
      assertThat(store.warnings()).isEmpty();
      Map<PublicKey, Path> at =
          NodeDirectories.resolve(directory, store, EditingChild.nodes(config)).directories();
      for (Map.Entry<PublicKey, Path> node : at.entrySet()) {
        String key = node.getKey().toBase64();
        if (enrolled.contains(key)) {
          assertThat(node.getValue().resolve(EditingChild.IDENTITY))
              .as("while: %s", doing)
              .hasContent(key);
        }
      }
    }
  }
}
