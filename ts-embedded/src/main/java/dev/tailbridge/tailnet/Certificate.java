package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.Json;

/**
 * A TLS certificate for one of the node's names. {@link #toString} hides the key.
 *
 * @param certificatePem the chain
 * @param keyPem the private key
 */
public record Certificate(String certificatePem, String keyPem) {

  @Override
  public String toString() {
    return "Certificate[key hidden]";
  }

  static Certificate read(JsonObject answer) {
    return new Certificate(Json.string(answer, "certPem"), Json.string(answer, "keyPem"));
  }
}
