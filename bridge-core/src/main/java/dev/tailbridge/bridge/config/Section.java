package dev.tailbridge.bridge.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables of the file and the keys that each may hold: the one list that unknown keys, types,
 * defaults and the documentation are held against.
 */
final class Section {
  static final Section BRIDGE =
      new Section("[bridge]")
          .key("endpoint", "string", "")
          .key("listen", "list of strings", "[\"0.0.0.0:51820\", \"[::]:51820\"]")
          .secret("private_key")
          .key("network", "string", "\"10.6.0.0/24\"")
          .key("dns_servers", "list of strings", "[]")
          .key("state_dir", "string", "\"state\"")
          .key("crypto", "string", "\"auto\"")
          .key("log", "string", "\"info\"")
          .key("log_format", "string", "\"text\"");

  static final Section ADMIN =
      new Section("[admin]")
          .key("listen", "string", "\"127.0.0.1:8080\"")
          .key("health_listen", "string", "")
          .secret("token");

  static final Section TAILNET =
      new Section("[tailnet.NAME]")
          .key("control_url", "string", "")
          .secret("auth_key")
          .secret("oauth_client_secret")
          .key("tags", "list of strings", "[]")
          .secret("api_key")
          .key("mode", "string", "\"embedded\"");

  /** {@code [defaults]} holds the same keys. */
  static final Section DEVICE =
      new Section("[[device]]")
          .key("name", "string", "")
          .key("public_key", "string", "")
          .secret("preshared_key")
          .key("address", "string", "")
          .key("tailnet", "string", "")
          .key("hostname", "string", "")
          .secret("auth_key")
          .key("ephemeral", "boolean", "false")
          .key("presence", "string", "\"always\"")
          .key("source", "string", "\"gateway\"")
          .key("keepalive", "string", "\"25s\"")
          .key("stale_clock", "string", "\"reverse\"")
          .key("tcp", "string", "\"splice\"")
          .key("max_connections", "integer", "")
          .key("hold", "string", "\"10s\"")
          .key("ports", "table", "{ tcp = \"all\", udp = \"all\", ping = true }")
          .key("allow", "list of strings", "")
          .key("dns", "string", "\"tailnet\"")
          .key("ntp", "boolean", "true")
          .key("health", "table", "")
          .key("endpoint", "string", "")
          .key("allowed_ips", "list of strings", "")
          .key("local_addresses", "list of strings", "")
          .key("mtu", "integer", "1420");

  /** The value of {@code ports}. */
  static final Section PORTS =
      new Section("ports")
          .key("tcp", "list", "\"all\"")
          .key("udp", "list", "\"all\"")
          .key("ping", "boolean", "true");

  /** The value of {@code health}. */
  static final Section HEALTH =
      new Section("health").key("port", "integer", "").key("paths", "list of strings", "[\"/\"]");

  static final Section GATEWAY =
      new Section("[[gateway]]")
          .key("mode", "string", "")
          .key("protocol", "string", "\"tcp\"")
          .key("listen", "string", "")
          .key("target", "string", "")
          .key("from", "list of strings", "")
          .key("max_connections", "integer", "256")
          .key("idle", "string", "\"7440s\"");

  static final List<Section> ALL = List.of(BRIDGE, ADMIN, TAILNET, DEVICE, GATEWAY);

  private final String title;
  private final Map<String, Key> keys = new LinkedHashMap<>();

  private Section(String title) {
    this.title = title;
  }

  /**
   * One key of a table.
   *
   * @param type of its value, in words
   * @param defaultText as it would stand in the file; empty when there is no fixed one
   */
  record Key(String name, String type, String defaultText) {}

  /** How the table is written in the file. */
  String title() {
    return title;
  }

  /** Every key that the table may hold, by name. */
  Map<String, Key> keys() {
    return Collections.unmodifiableMap(keys);
  }

  private Section key(String name, String type, String defaultText) {
    keys.put(name, new Key(name, type, defaultText));
    return this;
  }

  /** A secret stands in the file itself, in a file of its own, or in the environment. */
  private Section secret(String name) {
    return key(name, "string", "")
        .key(name + "_file", "string", "")
        .key(name + "_env", "string", "");
  }
}
