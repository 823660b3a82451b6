package dev.tailbridge.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@code java -jar bridge.jar --from-env}, with the JVM's options of the migration page. */
public final class EnvironmentBridge implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path log;
  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private int healthPort;
  private @Nullable Process process;

  public EnvironmentBridge(Path folder) {
    this.log = folder.resolve("bridge.log");
  }

  public EnvironmentBridge set(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public EnvironmentBridge set(Map<String, String> more) {
    environment.putAll(more);
    return this;
  }

  public EnvironmentBridge healthPort(int port) {
    healthPort = port;
    return set("HEALTH_PORT", String.valueOf(port));
  }

  /** The status and the text of an answer of {@code /health}. */
  public String health(String query) {
    URI uri = URI.create("http://127.0.0.1:" + healthPort + "/health" + query);
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri).timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body().strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public EnvironmentBridge start() {
    ProcessBuilder builder =
        new ProcessBuilder(
                BridgeProcess.currentJava(),
                "-XX:+UseSerialGC",
                "-Xms16m",
                "-Xmx128m",
                "-jar",
                Binaries.bridgeJar().toString(),
                "--from-env")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    try {
      process = Processes.start(builder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private Process process() {
    if (process == null) {
      throw new IllegalStateException("it was not started");
    }
    return process;
  }

  /** Waits until the log has this. */
  public void awaitLog(String text) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!log().contains(text)) {
      if (!process().isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("the log never had \"" + text + "\":\n" + log());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "";
    }
  }

  /** What the process has of the host's memory. */
  public long residentKib() {
    try {
      List<String> status = Files.readAllLines(Path.of("/proc/" + process().pid() + "/status"));
      String line =
          status.stream().filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends SIGTERM and returns the exit code. */
  public int terminate(Duration limit) {
    Process ending = process();
    ending.destroy();
    try {
      if (!ending.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("it did not end within " + limit + ":\n" + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return ending.exitValue();
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroy();
      Processes.end(process);
    }
  }
}
