package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code lab device}: a simulated chip with wireguard-go and gVisor inside. */
public final class LabDevice implements AutoCloseable {

  private final String name;
  private final String address;
  private final PrivateKey privateKey;
  private final List<String> options = new ArrayList<>();
  private int port;
  private Path program = Binaries.lab();
  private @Nullable LineProcess process;

  public LabDevice(String name, String address) {
    this(name, address, PrivateKey.generate(new SecureRandom()));
  }

  public LabDevice(String name, String address, PrivateKey privateKey) {
    this.name = name;
    this.address = address;
    this.privateKey = privateKey;
  }

  public String name() {
    return name;
  }

  /** Its address in the tunnel. */
  public String address() {
    return address;
  }

  public PublicKey publicKey() {
    return privateKey.publicKey();
  }

  /** More options of {@code lab device}; they win over what is said here. */
  public LabDevice with(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  /** All its WireGuard times are a twentieth of what they are elsewhere. */
  public LabDevice twentyTimesFaster() {
    program = Binaries.labShort();
    return this;
  }

  /** Switches it on; it sends its first initiation at once, unless it is to be idle. */
  public LabDevice start(PublicKey bridge, int port, Path folder) {
    return start(bridge, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), folder);
  }

  /** Switches it on; it sends its first initiation at once, unless it is to be idle. */
  public LabDevice start(PublicKey bridge, InetSocketAddress endpoint, Path folder) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "device",
                "-name",
                name,
                "-private-key",
                privateKey.toBase64(),
                "-peer-key",
                bridge.toBase64(),
                "-endpoint",
                hostAndPort(endpoint),
                "-address",
                address,
                "-allowed",
                "10.6.0.0/24,100.64.0.0/10"));
    command.addAll(options);
    LineProcess started = LineProcess.start("device-" + name, command, Map.of(), folder);
    port = started.ready(Duration.ofSeconds(60)).get("port").getAsInt();
    process = started;
    return this;
  }

  static String hostAndPort(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Its UDP port since the last start. */
  public int port() {
    return port;
  }

  public JsonObject ask(String command) {
    return process().ask(command, Duration.ofSeconds(60));
  }

  /** Asks all at once; the answers are in the order of the questions. */
  public List<JsonObject> askAtOnce(List<String> commands) {
    return process().askAtOnce(commands, Duration.ofSeconds(60));
  }

  public LineProcess process() {
    if (process == null) {
      throw new IllegalStateException(name + " is switched off");
    }
    return process;
  }

  /** Switches it off, as pulling the plug does. */
  @Override
  public void close() {
    if (process != null) {
      process.close();
      process = null;
    }
  }
}
