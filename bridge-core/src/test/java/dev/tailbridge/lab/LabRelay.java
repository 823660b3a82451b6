package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code lab relay}: a slow and lossy network between one device and the bridge. */
public final class LabRelay implements AutoCloseable {

  private final LineProcess process;
  private final int port;

  /**
   * Starts it.
   *
   * @param bridgePort the bridge's WireGuard port on 127.0.0.1
   * @param delay of each datagram, each way
   */
  public LabRelay(String name, int bridgePort, Duration delay, Path folder) {
    List<String> command =
        List.of(
            Binaries.lab().toString(),
            "relay",
            "-server",
            "127.0.0.1:" + bridgePort,
            "-delay",
            delay.toMillis() + "ms");
    process = LineProcess.start("relay-" + name, command, Map.of(), folder);
    port = process.ready(Duration.ofSeconds(60)).get("port").getAsInt();
  }

  /** Where the device is to send. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Loses so many percent of what carries packets, each way; handshakes are never lost. */
  public void lose(double percent) {
    process.ask("loss " + percent, Duration.ofSeconds(60));
  }

  public JsonObject status() {
    return process.ask("status", Duration.ofSeconds(60));
  }

  @Override
  public void close() {
    process.close();
  }
}
