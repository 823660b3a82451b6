package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** {@code lab goway}: wireguard-go, gVisor, tsnet and {@code io.Copy}. */
final class GoWay implements Way {

  private static final String TUNNEL_ADDRESS = "10.6.0.2";

  private final Child bridge;
  private final Child device;

  GoWay(Path lab, LoopbackTailnet tailnet, Path folder) throws IOException {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    bridge =
        Child.lab(
            lab,
            "goway",
            "-control",
            tailnet.controlUrl(),
            "-auth-key",
            tailnet.authKey(),
            "-dir",
            folder.toString(),
            "-device",
            "theirs," + key.publicKey().toBase64() + "," + TUNNEL_ADDRESS);
    JsonObject ready = bridge.ready();
    try {
      device =
          Devices.start(
              lab,
              key,
              ready.get("publicKey").getAsString(),
              ready.get("port").getAsInt(),
              TUNNEL_ADDRESS);
    } catch (IOException e) {
      bridge.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return "Go way";
  }

  @Override
  public String address() {
    return bridge.ready().getAsJsonArray("nodes").get(0).getAsJsonObject().get("ip4").getAsString();
  }

  @Override
  public long pid() {
    return bridge.pid();
  }

  @Override
  public void close() throws IOException {
    device.close();
    bridge.close();
  }
}
