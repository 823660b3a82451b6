package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fifty lives of a node, ended at any moment and begun under every sort of bad luck. */
final class LifecycleIT {

  private static final int LIVES = 50;

  private enum Luck {
    GOOD,
    BAD_KEY,
    CONTROL_DOWN,
    DIRECTORY_IS_A_FILE,
    STATE_IS_GARBAGE
  }

  private final Tailnet tailnet = RealLibrary.tailnet();
  @TempDir private Path directory;

  @Test
  void noLifeAndNoDeathLeavesAnything() throws Exception {
    long seed = Long.getLong("tailbridge.test.seed", System.nanoTime());
    Random random = new Random(seed);
    System.out.println("seed " + seed);
    try (Lab control = Lab.control()) {
      TestNode witness = start(control, directory, "witness", Lab.AUTH_KEY).awaitReady();
      for (Luck luck : Luck.values()) {
        live(control, luck, random, 0);
      }
      RuntimeStats before = tailnet.runtimeStats().get(10, TimeUnit.SECONDS);
      for (int life = 1; life <= LIVES; life++) {
        live(control, Luck.values()[random.nextInt(Luck.values().length)], random, life);
      }
      await("seed " + seed)
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                RuntimeStats after = tailnet.runtimeStats().get(10, TimeUnit.SECONDS);
                assertThat(after.nodes()).isEqualTo(before.nodes());
                assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + 3);
                assertThat(after.goroutines()).isLessThanOrEqualTo(before.goroutines() + 15);
              });
      assertThat(witness.node.status().ready()).as("seed %d", seed).isTrue();
      assertThat(witness.listener.ends).isEmpty();
      witness.node.stop().get(30, TimeUnit.SECONDS);
    }
  }

  private void live(Lab control, Luck luck, Random random, int life) throws Exception {
    Path home = directory.resolve("life-" + life + "-" + luck);
    String name = "mortal";
    if (luck == Luck.DIRECTORY_IS_A_FILE) {
      Files.write(home, new byte[0]);
    } else if (luck == Luck.STATE_IS_GARBAGE) {
      Files.createDirectories(home.resolve(name));
      Files.write(
          home.resolve(name).resolve("tailscaled.state"), "{".getBytes(StandardCharsets.UTF_8));
    } else if (luck == Luck.CONTROL_DOWN) {
      control.command("control stop");
    }
    TestNode node = start(control, home, name, luck == Luck.BAD_KEY ? "no" : Lab.AUTH_KEY);
    // Anywhere between at once and long after it is up.
    TimeUnit.MICROSECONDS.sleep((long) (400_000 * Math.pow(random.nextDouble(), 3)));
    node.node.stop().get(40, TimeUnit.SECONDS);
    if (luck == Luck.CONTROL_DOWN) {
      control.command("control start");
    }
  }

  private TestNode start(Lab control, Path home, String name, String authKey) {
    return TestNode.start(tailnet, control, home, name, authKey, RealLibrary.loop());
  }
}
