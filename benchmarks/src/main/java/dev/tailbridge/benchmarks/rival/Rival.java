package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the servers that are compared, as a process, with a name for the table. */
final class Rival implements AutoCloseable {

  private static final List<String> FLAGS = List.of("-Xmx512m", "-XX:+UseParallelGC");

  private final String name;
  private final Child server;

  private Rival(String name, Child server) {
    this.name = name;
    this.server = server;
  }

  /** wireguard-go with nothing behind it. */
  private static Rival wireguardGo(Path lab) throws IOException {
    return new Rival("wireguard-go", Child.lab(lab, "wgleg", "-inside", "bare"));
  }

  /** Our endpoint with nothing behind it. */
  private static Rival ours(String crypto, int loops) throws IOException {
    List<String> flags = new ArrayList<>(FLAGS);
    if (Runtime.version().feature() >= 24) {
      flags.add("--enable-native-access=ALL-UNNAMED");
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    return new Rival(
        "ours, " + crypto,
        Child.java(
            WireGuardServer.class, flags, "--crypto", crypto, "--loops", Integer.toString(loops)));
  }

  /** All that are compared; wireguard-go comes first. */
  static List<Rival> all(Path lab, int loops) throws IOException {
    return List.of(wireguardGo(lab), ours("conscrypt", loops), ours("bouncycastle", loops));
  }

  /** A load client in session with this server; it is its peer 10.6.0.2. */
  Child connect(Path lab, String... options) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("wgload", "-peer-key", publicKey(), "-endpoint", endpoint()));
    arguments.addAll(List.of(options));
    Child client = Child.lab(lab, arguments.toArray(String[]::new));
    JsonObject device = client.ready().getAsJsonArray("devices").get(0).getAsJsonObject();
    server.call("peers " + device.get("publicKey").getAsString() + "=10.6.0.2/32");
    client.call("connect");
    return client;
  }

  String name() {
    return name;
  }

  Child server() {
    return server;
  }

  String publicKey() {
    return server.ready().get("publicKey").getAsString();
  }

  String endpoint() {
    return "127.0.0.1:" + server.ready().get("port").getAsInt();
  }

  /** Packets that came out of the tunnel so far. */
  long received() throws IOException {
    JsonObject status = server.call("status");
    return status.get("received").getAsLong();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
