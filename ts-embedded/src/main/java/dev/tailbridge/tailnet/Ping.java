package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.Json;

/**
 * The answer to a ping.
 *
 * @param latencySeconds the round trip
 * @param endpoint the peer's UDP address when the way was direct; else empty
 * @param derp the relay region when the way was relayed; else empty
 */
public record Ping(double latencySeconds, String endpoint, String derp) {

  /** How far a ping goes. */
  public enum Type {
    /** The path alone, between the two nodes' sockets. */
    DISCO("disco"),
    /** Through the tunnel, answered by the peer's node. */
    TSMP("TSMP"),
    /** Through the tunnel, answered by the peer's machine: for a device, by the chip itself. */
    ICMP("ICMP");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  static Ping read(JsonObject answer) {
    return new Ping(
        Json.decimal(answer, "latencySeconds"),
        Json.string(answer, "endpoint"),
        Json.string(answer, "derp"));
  }
}
