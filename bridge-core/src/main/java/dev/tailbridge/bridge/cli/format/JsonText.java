package dev.tailbridge.bridge.cli.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** The facts as they are, for programs. */
public final class JsonText {

  private JsonText() {}

  /** Absent are the private key when it is not known, and the preshared key when there is none. */
  public static JsonObject of(Provision device) {
    JsonObject json = new JsonObject();
    json.addProperty("name", device.name());
    json.addProperty("address", device.addressText());
    json.addProperty("netmask", device.netmask());
    json.addProperty("publicKey", device.publicKey().toBase64());
    if (device.privateKey() != null) {
      json.addProperty("privateKey", device.privateKey().toBase64());
    }
    if (device.presharedKey() != null) {
      json.addProperty("presharedKey", device.presharedKey().toBase64());
    }
    json.addProperty("bridgePublicKey", device.bridgeKey().toBase64());
    json.addProperty("endpoint", device.endpoint().toString());
    JsonArray allowed = new JsonArray();
    device.allowed().forEach(network -> allowed.add(network.toString()));
    json.add("allowedIps", allowed);
    json.addProperty("keepaliveSeconds", device.keepaliveSeconds());
    if (device.hasDns()) {
      json.addProperty("dns", device.bridgeAddressText());
    }
    if (device.hasNtp()) {
      json.addProperty("ntp", device.bridgeAddressText());
    }
    return json;
  }
}
