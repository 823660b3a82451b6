package dev.tailbridge.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A bridge that is expected to end by itself: what it printed, and its exit code. */
public record BridgeRun(int code, String output) {

  /** What suits a JVM that ends within a second. */
  private static final List<String> BRIEF = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  /** Runs {@code java -jar bridge.jar} with these words to its end. */
  public static BridgeRun of(Path jar, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(BridgeProcess.currentJava()));
    command.addAll(BRIEF);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(arguments);
    try {
      Path output = Files.createTempFile("tb", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().putAll(BridgeProcess.LOOPBACK_ONLY);
      Process process = builder.start();
      boolean ended = process.waitFor(90, TimeUnit.SECONDS);
      if (!ended) {
        Processes.end(process);
      }
      String text = Files.readString(output, StandardCharsets.UTF_8);
      Files.delete(output);
      if (!ended) {
        throw new IllegalStateException("it did not end by itself: " + text);
      }
      return new BridgeRun(process.exitValue(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs it with a configuration file. */
  public static BridgeRun withConfig(Path file) {
    return of(Binaries.bridgeJar(), List.of("--config", file.toString()));
  }
}
