package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code lab device}: a simulated chip with wireguard-go and gVisor inside. */
public final class LabDevice implements AutoCloseable {

  private final String name;
  private final String address;
  private final PrivateKey privateKey = PrivateKey.generate(new SecureRandom());
  private @org.jspecify.annotations.Nullable LineProcess process;

  public LabDevice(String name, String address) {
    this.name = name;
    this.address = address;
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

  /** Switches it on; it sends its first initiation at once. */
  public LabDevice start(PublicKey bridge, int port, Path folder) {
    LineProcess started =
        LineProcess.start(
            "device-" + name,
            List.of(
                Binaries.lab().toString(),
                "device",
                "-name",
                name,
                "-private-key",
                privateKey.toBase64(),
                "-peer-key",
                bridge.toBase64(),
                "-endpoint",
                "127.0.0.1:" + port,
                "-address",
                address,
                "-allowed",
                "10.6.0.0/24,100.64.0.0/10"),
            Map.of(),
            folder);
    started.ready(Duration.ofSeconds(10));
    process = started;
    return this;
  }

  public JsonObject ask(String command) {
    return process().ask(command, Duration.ofSeconds(60));
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
