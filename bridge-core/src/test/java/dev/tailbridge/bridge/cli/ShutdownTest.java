package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Signals need a process of their own. */
final class ShutdownTest {

  @Test
  void sigtermClosesTheBridgeWhileLoggingStillWorks() throws Exception {
    Process process = start("quick");
    assertThat(process.inputReader().readLine()).isEqualTo("running");
    process.toHandle().destroy();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("128 + SIGTERM").isEqualTo(143);
    assertThat(errors(process)).hasSize(1).first().asString().endsWith(" INFO  closed");
  }

  @Test
  void aBridgeThatDoesNotCloseIsLeftBehindAfterFiveSeconds() throws Exception {
    Process process = start("stuck");
    assertThat(process.inputReader().readLine()).isEqualTo("running");
    long begin = System.nanoTime();
    process.toHandle().destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it does not wait for ever").isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(4));
    assertThat(errors(process)).hasSize(1).first().asString().endsWith("ending anyway");
  }

  private static List<String> errors(Process process) throws Exception {
    return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  private static Process start(String mode) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Waiting.class.getName(),
            mode)
        .start();
  }

  /** A process with a bridge that only waits. */
  static final class Waiting {
    public static void main(String[] arguments) {
      Thread main = Thread.currentThread();
      Thread announcer =
          new Thread(
              () -> {
                while (main.getState() != Thread.State.WAITING) {
                  Thread.onSpinWait();
                }
                System.out.println("running");
              });
      announcer.start();
      Shutdown.await(
          new CompletableFuture<>(),
          () -> {
            if (arguments[0].equals("stuck")) {
              Thread.sleep(Long.MAX_VALUE);
            }
            LoggerFactory.getLogger("bridge").info("closed");
          });
    }
  }
}
