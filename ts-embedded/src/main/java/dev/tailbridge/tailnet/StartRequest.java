package dev.tailbridge.tailnet;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** The body of the frame that starts a node. It holds a secret: never log it. */
final class StartRequest {

  private StartRequest() {}

  static JsonObject body(int number, NodeConfig config) {
    JsonObject body = new JsonObject();
    body.addProperty("node", number);
    body.addProperty("name", config.name());
    body.addProperty("dir", config.directory().toAbsolutePath().toString());
    body.addProperty("hostname", config.hostname());
    if (config.controlUrl() != null) {
      body.addProperty("controlUrl", config.controlUrl());
    }
    if (config.credential() instanceof Credential.AuthKey key) {
      body.addProperty("authKey", key.secret());
    } else if (config.credential() instanceof Credential.ClientSecret client) {
      body.addProperty("clientSecret", client.secret());
    }
    JsonArray tags = new JsonArray();
    config.tags().forEach(tags::add);
    body.add("tags", tags);
    body.addProperty("ephemeral", config.ephemeral());
    body.addProperty("login", config.login());
    body.addProperty("port", 0);
    return body;
  }
}
