package dev.tailbridge.lab;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code lab fleet}: many light devices with one server, in one process. */
public final class LabFleet implements AutoCloseable {

  /** One of its devices. */
  public record Member(PublicKey publicKey, String address) {}

  private final LineProcess process;
  private final List<Member> members = new ArrayList<>();

  private LabFleet(LineProcess process) {
    this.process = process;
    JsonArray devices = process.ready(Duration.ofSeconds(60)).getAsJsonArray("devices");
    for (JsonElement element : devices) {
      JsonObject device = element.getAsJsonObject();
      members.add(
          new Member(
              PublicKey.fromBase64(device.get("publicKey").getAsString()),
              device.get("address").getAsString()));
    }
  }

  /** Makes so many devices, which have no server yet; {@code more} is further options. */
  public static LabFleet start(int devices, Path folder, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(Binaries.lab().toString(), "fleet", "-devices", String.valueOf(devices)));
    command.addAll(List.of(more));
    return new LabFleet(LineProcess.start("fleet", command, Map.of(), folder));
  }

  public List<Member> members() {
    return members;
  }

  /** Boots all of them with that server; they say nothing before {@code connect}. */
  public void server(PublicKey key, InetSocketAddress endpoint) {
    ask("server " + key.toBase64() + " " + LabDevice.hostAndPort(endpoint));
  }

  /**
   * Asks all of them something.
   *
   * @throws IllegalStateException when they cannot answer, as when not all came up in time
   */
  public JsonObject ask(String command) {
    JsonObject answer = process.ask(command, Duration.ofSeconds(90));
    if (answer.has("error")) {
      throw new IllegalStateException(command + ": " + answer.get("error").getAsString());
    }
    return answer;
  }

  @Override
  public void close() {
    process.close();
  }
}
