package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code bridge.jar} as its users run it, on the JVM that this runs on. */
final class OurWay implements Way {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String TUNNEL_ADDRESS = "10.6.0.2";

  private final String name;
  private final Path folder;
  private final int adminPort;
  private final Process process;
  private final Thread atExit;
  private final Child device;
  private final String address;

  /**
   * Starts it with one device.
   *
   * @param name of the device, and for the table
   * @param tcp {@code splice} or {@code routed}
   * @param flags of the JVM
   */
  OurWay(
      String name,
      Path jar,
      String tcp,
      List<String> flags,
      Path lab,
      LoopbackTailnet tailnet,
      Path folder)
      throws IOException, InterruptedException {
    this.name = name;
    this.folder = Files.createDirectories(folder);
    PrivateKey own = PrivateKey.generate(new SecureRandom());
    PrivateKey chip = PrivateKey.generate(new SecureRandom());
    int wireGuardPort;
    try (ServerSocket admin = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DatagramSocket wireGuard = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      adminPort = admin.getLocalPort();
      wireGuardPort = wireGuard.getLocalPort();
    }
    secret("bridge.key", own.toBase64() + "\n");
    Path configuration =
        secret(
            "devices.toml",
            """
            [bridge]
            listen = ["127.0.0.1:%d"]
            private_key_file = "bridge.key"
            state_dir = "state"
            crypto = "conscrypt"

            [admin]
            listen = "127.0.0.1:%d"

            [tailnet.lab]
            control_url = "%s"
            auth_key = "%s"

            [[device]]
            name = "%s"
            public_key = "%s"
            address = "%s"
            tailnet = "lab"
            tcp = "%s"
            """
                .formatted(
                    wireGuardPort,
                    adminPort,
                    tailnet.controlUrl(),
                    tailnet.authKey(),
                    name,
                    chip.publicKey().toBase64(),
                    TUNNEL_ADDRESS,
                    tcp));
    process = start(jar, flags, configuration);
    atExit = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(atExit);
    Child started = null;
    try {
      await("/readyz", response -> response.statusCode() == 200);
      started = Devices.start(lab, chip, own.publicKey().toBase64(), wireGuardPort, TUNNEL_ADDRESS);
      JsonObject online =
          JsonParser.parseString(
                  await("/api/v1/devices/" + name, r -> r.body().contains("\"online\"")).body())
              .getAsJsonObject();
      address = online.getAsJsonArray("tailnetAddresses").get(0).getAsString();
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (started != null) {
        started.close();
      }
      end();
      throw e;
    }
    device = started;
  }

  private Path secret(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Process start(Path jar, List<String> flags, Path configuration) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-jar", jar.toString(), "--config", configuration.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("bridge.log").toFile());
    // A machine without any network but loopback needs these; a real one needs none of them.
    builder.environment().put("TS_ASSUME_NETWORK_UP_FOR_TEST", "1");
    builder.environment().put("TS_DISABLE_PORTMAPPER", "1");
    return builder.start();
  }

  private interface Wish {
    boolean isMet(HttpResponse<String> response);
  }

  private HttpResponse<String> await(String path, Wish wish)
      throws IOException, InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
            .timeout(Duration.ofSeconds(5))
            .build();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (wish.isMet(response)) {
          return response;
        }
      } catch (IOException e) {
        // It does not listen yet.
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IOException(
        "waited in vain for "
            + path
            + "; the bridge's log:\n"
            + Files.readString(folder.resolve("bridge.log")));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() throws IOException {
    device.close();
    end();
  }

  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
