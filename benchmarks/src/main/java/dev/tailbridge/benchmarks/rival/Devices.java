package dev.tailbridge.benchmarks.rival;

import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Path;

/** {@code lab device}: the simulated chip, the same one behind every bridge. */
final class Devices {

  private Devices() {}

  /** One in session with a server on loopback. */
  static Child start(Path lab, PrivateKey key, String server, int port, String address)
      throws IOException {
    Child device =
        Child.lab(
            lab,
            "device",
            "-private-key",
            key.toBase64(),
            "-peer-key",
            server,
            "-endpoint",
            "127.0.0.1:" + port,
            "-address",
            address);
    try {
      if (!device.call("connect").get("connected").getAsBoolean()) {
        throw new IOException("the device got no session with the bridge on port " + port);
      }
    } catch (IOException e) {
      device.close();
      throw e;
    }
    return device;
  }
}
