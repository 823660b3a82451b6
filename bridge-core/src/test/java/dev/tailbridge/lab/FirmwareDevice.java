package dev.tailbridge.lab;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * {@code firmware-esp32/host}: the core of our firmware on a simulated chip. Its configuration is a
 * text that the bridge prints, its network a {@code lab device} that it drives.
 */
public final class FirmwareDevice implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final LineProcess process;

  private FirmwareDevice(LineProcess process) {
    this.process = process;
  }

  /**
   * Switches it on, with empty flash, its clock at 1970 and no time server.
   *
   * @param configuration what {@code bridge device show} prints
   * @param speed how many times faster than on a chip the core's times are; WireGuard's stay
   */
  public static FirmwareDevice start(String configuration, int speed, Path folder) {
    try {
      Path file = Files.writeString(folder.resolve("chip.conf"), configuration);
      List<String> command =
          List.of(
              built().toString(),
              Binaries.lab().toString(),
              file.toString(),
              folder.resolve("chip.flash").toString(),
              Integer.toString(speed));
      FirmwareDevice device =
          new FirmwareDevice(LineProcess.start("chip", command, Map.of(), folder));
      device.process.ready(LIMIT);
      return device;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Builds it if that was not done yet. */
  private static Path built() throws IOException {
    Path module = Binaries.root().resolve("firmware-esp32");
    Path log = Files.createTempFile("tb", ".log");
    Process build =
        new ProcessBuilder(module.resolve("build").toString(), "device")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!build.waitFor(2, TimeUnit.MINUTES) || build.exitValue() != 0) {
        build.destroyForcibly();
        throw new IOException(
            "firmware-esp32/build device failed: " + Files.readString(log, StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    Files.delete(log);
    return module.resolve("target/host/tailbridge-device");
  }

  public JsonObject ask(String command) {
    return process.ask(command, LIMIT);
  }

  /** Waits until its core says that the bridge answered a question in the present session. */
  public JsonObject awaitProven(String what) {
    return awaitStatus(what, FirmwareDevice::isProven);
  }

  /** Whether that status says so. */
  public static boolean isProven(JsonObject status) {
    return status.get("proven").getAsBoolean() && status.get("tunnel").getAsString().equals("up");
  }

  /** Waits until its status is as wished, and returns it. */
  public JsonObject awaitStatus(String what, Predicate<JsonObject> wished) {
    return await(what)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> ask("status"), wished);
  }

  @Override
  public void close() {
    process.close();
  }
}
