package dev.tailbridge.lab;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real Headscale on loopback, with the lab's DERP and STUN behind it. */
public final class Headscale implements ControlPlane {

  private static final String BASE_DOMAIN = "bridge.test";

  private final Path folder;
  private final int port;
  private final LineProcess derp;
  private Process process;
  private final Map<String, String> keys = new HashMap<>();

  /** With the settings that it is shipped with: it lets changes wait for others, up to 0.8 s. */
  public Headscale(Path parent) {
    this(parent, "");
  }

  /** One that passes changes on at once, for tests that would only wait for it. */
  public static Headscale prompt(Path parent) {
    return new Headscale(
        parent, "tuning: {batch_change_delay: 20ms, node_store_batch_timeout: 5ms}\n");
  }

  private Headscale(Path parent, String tuning) {
    try {
      // A Unix socket's path is limited to 107 bytes, so it lies in a folder with a short name.
      folder = Files.createDirectories(parent.resolve("hs"));
      port = FreePorts.tcp();
      Path map = folder.resolve("derp.yaml");
      derp =
          LineProcess.start(
              "derp",
              List.of(
                  Binaries.lab().toString(),
                  "derp",
                  "-map",
                  map.toString(),
                  "-port", // which it keeps when it starts again, and nobody takes meanwhile
                  String.valueOf(FreePorts.tcp())),
              Map.of(),
              folder);
      derp.ready(Duration.ofSeconds(60));
      Files.writeString(folder.resolve("config.yaml"), configuration(FreePorts.tcp()) + tuning);
      process = serve();
      awaitListening();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process serve() throws IOException {
    return Processes.start(
        new ProcessBuilder(Binaries.headscale().toString(), "-c", "config.yaml", "serve")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("headscale.log").toFile())));
  }

  /** Ends it, as for an upgrade; nobody answers at its port until {@link #resume}. */
  public void suspend() {
    process.destroy();
    Processes.end(process);
  }

  /** Starts it again with all that it knew. */
  public void resume() {
    try {
      process = serve();
      awaitListening();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its relay, for commands of {@code lab derp}. */
  public LineProcess relay() {
    return derp;
  }

  private String configuration(int grpcPort) {
    return """
    server_url: http://127.0.0.1:%1$d
    listen_addr: 127.0.0.1:%1$d
    metrics_listen_addr: ""
    grpc_listen_addr: 127.0.0.1:%2$d
    unix_socket: ./hs.sock
    disable_check_updates: true
    noise: {private_key_path: ./noise.key}
    prefixes: {v4: 100.64.0.0/10, v6: "fd7a:115c:a1e0::/48"}
    database: {type: sqlite, sqlite: {path: ./hs.db}}
    dns: {magic_dns: true, base_domain: %3$s, override_local_dns: false}
    policy: {mode: database}
    logtail: {enabled: false}
    cli: {timeout: 60s}
    derp: {urls: [], paths: [./derp.yaml], auto_update_enabled: false, server: {enabled: false}}
    """
        .formatted(port, grpcPort, BASE_DOMAIN);
  }

  @Override
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  @Override
  public synchronized String authKey(String user) {
    return keys.computeIfAbsent(user, this::makeKey);
  }

  private String makeKey(String user) {
    return makeKey("-u", Long.toString(makeUser(user)));
  }

  /** A reusable key whose machines are tagged instead of owned by somebody. */
  public String taggedKey(String... tags) {
    return makeKey("--tags", String.join(",", tags));
  }

  /** A reusable key of a user that is made, whose machines vanish when they log out. */
  public String ephemeralKey(String user) {
    return makeKey("-u", Long.toString(makeUser(user)), "--ephemeral");
  }

  private String makeKey(String... options) {
    List<String> words = new ArrayList<>(List.of("preauthkeys", "create", "--reusable", "-e"));
    words.add("24h");
    words.addAll(List.of(options));
    return command(words.toArray(String[]::new)).getAsJsonObject().get("key").getAsString();
  }

  private long makeUser(String user) {
    return command("users", "create", user).getAsJsonObject().get("id").getAsLong();
  }

  /** A user for {@link #login}. */
  public void user(String name) {
    makeUser(name);
  }

  /** What its operator does for a person who opened a login URL. */
  public void login(String url, String user) {
    String id = url.substring(url.lastIndexOf('/') + 1);
    command("auth", "register", "--auth-id", id, "--user", user);
  }

  /** The key for its REST API. */
  public String apiKey() {
    return command("apikeys", "create").getAsString();
  }

  /** The machine of that name, as it lists it. */
  public Optional<JsonObject> node(String name) {
    for (JsonElement node : nodes()) {
      if (node.getAsJsonObject().get("given_name").getAsString().equals(name)) {
        return Optional.of(node.getAsJsonObject());
      }
    }
    return Optional.empty();
  }

  private String id(String name) {
    return node(name).orElseThrow().get("id").getAsString();
  }

  /** Lets the key of a machine end at that time. */
  public void expire(String name, Instant at) {
    run("nodes", "expire", "-i", id(name), "-e", at.truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** Deletes a machine. */
  public void delete(String name) {
    run("--force", "nodes", "delete", "-i", id(name));
  }

  /** A reusable key whose machines have that tag and no user. */
  public String taggedKey(String tag) {
    return command("preauthkeys", "create", "--tags", tag, "--reusable", "-e", "24h")
        .getAsJsonObject()
        .get("key")
        .getAsString();
  }

  /** Each machine sees the machines of its own user only. */
  public void separateUsers(String... users) {
    StringBuilder rules = new StringBuilder();
    for (String user : users) {
      rules.append(rules.isEmpty() ? "" : ",");
      rules.append(
          "{\"action\":\"accept\",\"src\":[\"%1$s@\"],\"dst\":[\"%1$s@:*\"]}".formatted(user));
    }
    policy("{\"acls\":[" + rules + "]}");
  }

  /** People reach the devices, and no device sees another one: what README says of a fleet. */
  public void hideDevices(String people, String devices) {
    policy(
        "{\"acls\":[{\"action\":\"accept\",\"src\":[\"%s@\"],\"dst\":[\"%s@:*\"]}]}"
            .formatted(people, devices));
  }

  /** Sets the tailnet's access rules. */
  public void policy(String json) {
    try {
      Path file = folder.resolve("policy.json");
      Files.writeString(file, json);
      run("policy", "set", "-f", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The machines that it knows. */
  public JsonArray nodes() {
    return command("nodes", "list").getAsJsonArray();
  }

  public JsonElement command(String... words) {
    return JsonParser.parseString(run(words));
  }

  private String run(String... words) {
    List<String> command = new ArrayList<>();
    command.add(Binaries.headscale().toString());
    command.addAll(List.of("-c", "config.yaml", "-o", "json"));
    command.addAll(List.of(words));
    try {
      Process cli =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(folder.resolve("cli.log").toFile())
              .start();
      String output = new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!cli.waitFor(60, TimeUnit.SECONDS) || cli.exitValue() != 0) {
        throw new IllegalStateException(
            "headscale "
                + List.of(words)
                + ": "
                + output
                + Files.readString(folder.resolve("cli.log")));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitListening() throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "headscale does not listen: " + Files.readString(folder.resolve("headscale.log")), e);
        }
        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
      }
    }
  }

  @Override
  public void close() {
    suspend();
    derp.close();
  }
}
