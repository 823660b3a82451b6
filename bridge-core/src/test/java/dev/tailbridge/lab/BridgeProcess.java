package dev.tailbridge.lab;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** The bridge as its users run it: {@code java -jar bridge.jar --config devices.toml}. */
public final class BridgeProcess implements AutoCloseable {

  /** What a machine without any network but loopback needs; a real one needs none of it. */
  public static final Map<String, String> LOOPBACK_ONLY =
      Map.of("TS_ASSUME_NETWORK_UP_FOR_TEST", "1", "TS_DISABLE_PORTMAPPER", "1");

  /** Turns direct UDP off, so that everything goes through DERP. */
  public static final Map<String, String> DERP_ONLY =
      Map.of(
          "TS_ASSUME_NETWORK_UP_FOR_TEST", "1",
          "TS_DISABLE_PORTMAPPER", "1",
          "TS_DEBUG_NEVER_DIRECT_UDP", "1");

  /** For what comes by itself: nobody judges how soon, and a busy machine may be slow. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final BridgeFiles files;
  private final Path log;
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();

  private BridgeProcess(BridgeFiles files, Path log, Process process) {
    this.files = files;
    this.log = log;
    this.process = process;
  }

  /** Starts it and waits until it says that it is ready. */
  public static BridgeProcess start(BridgeFiles files, Map<String, String> environment) {
    return start(files, List.of(currentJava()), environment);
  }

  /**
   * Starts it and waits until it says that it is ready.
   *
   * @param java the words before {@code -jar}: a JVM, or a wrapper and a JVM
   */
  public static BridgeProcess start(
      BridgeFiles files, List<String> java, Map<String, String> environment) {
    return start(files, java, Binaries.bridgeJar(), environment);
  }

  /** As above, from another jar than the one that was built. */
  public static BridgeProcess start(
      BridgeFiles files, List<String> java, Path jar, Map<String, String> environment) {
    return start(files, java, jar, environment, LIMIT);
  }

  /** As above, where being ready may take so long. */
  public static BridgeProcess start(
      BridgeFiles files,
      List<String> java,
      Path jar,
      Map<String, String> environment,
      Duration limit) {
    Path log = files.folder().resolve("bridge.log");
    List<String> command = new ArrayList<>(java);
    command.addAll(List.of("-jar", jar.toString(), "--config", files.write().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      BridgeProcess bridge = new BridgeProcess(files, log, Processes.start(builder));
      bridge.awaitReady(limit);
      return bridge;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String currentJava() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private void awaitReady(Duration limit) {
    try {
      until("it is ready", limit, () -> get("/readyz").statusCode() == 200);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Its WireGuard key, as its own API tells it. */
  public PublicKey publicKey() {
    return PublicKey.fromBase64(status().get("publicKey").getAsString());
  }

  public JsonObject status() {
    return JsonParser.parseString(get("/api/v1/status").body()).getAsJsonObject();
  }

  public JsonObject device(String name) {
    return JsonParser.parseString(get("/api/v1/devices/" + name).body()).getAsJsonObject();
  }

  /** The machines that a device's node sees, with round trips. */
  public JsonArray peers(String name) {
    return JsonParser.parseString(get("/api/v1/devices/" + name + "/peers?ping=true").body())
        .getAsJsonArray();
  }

  /** Waits until a device is there and looks as wished, and returns it as it looked then. */
  public JsonObject awaitDevice(String name, String what, Predicate<JsonObject> wished) {
    JsonObject[] seen = {new JsonObject()};
    until(
        name + " is " + what,
        LIMIT,
        () -> {
          seen[0] = device(name);
          return seen[0].has("state") && wished.test(seen[0]);
        });
    return seen[0];
  }

  /** Waits until a device has a session and its node runs, and returns its 100.x address. */
  public String awaitOnline(String name) {
    JsonObject device =
        awaitDevice(name, "online", d -> d.get("state").getAsString().equals("online"));
    return device.get("tailnetAddresses").getAsJsonArray().get(0).getAsString();
  }

  /** Takes the node of a device out of its tailnet for good; returns what the bridge says. */
  public JsonObject removeNode(String name) {
    return JsonParser.parseString(
            send(request("/api/v1/devices/" + name + "/node").timeout(LIMIT).DELETE().build())
                .body())
        .getAsJsonObject();
  }

  HttpResponse<String> get(String path) {
    return send(request(path).timeout(Duration.ofSeconds(30)).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + files.adminPort() + path));
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void until(String what, Duration limit, java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        if (condition.getAsBoolean()) {
          return;
        }
      } catch (UncheckedIOException e) {
        // It does not listen yet.
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "waited in vain until " + what + "; the bridge's log:\n" + log());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "(no log)";
    }
  }

  public Process process() {
    return process;
  }

  /** Sends SIGTERM and returns the exit code. */
  public int terminate(Duration limit) {
    process.destroy();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("the bridge did not end within " + limit + ":\n" + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroy();
    Processes.end(process);
  }
}
