package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.BridgeSection.Crypto;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.wireguard.PrivateKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code [bridge]} and {@code [admin]}. */
final class BridgeReader {
  private static final int DEFAULT_PORT = 51820;
  private static final int DEFAULT_ADMIN_PORT = 8080;

  private final Path file;
  private final SecretReader secrets;

  BridgeReader(Path file, SecretReader secrets) {
    this.file = file;
    this.secrets = secrets;
  }

  BridgeSection bridge(Table table) throws BadValueException {
    List<InetSocketAddress> listen = listen(table);
    return new BridgeSection(
        table.parse("endpoint", Addresses::hostAndPort),
        listen == null ? defaultListen() : listen,
        listen == null,
        privateKey(table),
        network(table),
        stateDir(table),
        table.choice("crypto", Crypto.class, Crypto.AUTO, "conscrypt", "jdk"),
        table.choice("log", LogLevel.class, LogLevel.INFO),
        table.choice("log_format", LogFormat.class, LogFormat.TEXT));
  }

  AdminSection admin(Table table) throws BadValueException {
    InetSocketAddress listen =
        table.parse(
            "listen",
            text -> {
              InetSocketAddress address = Addresses.socketAddress(text);
              if (!address.getAddress().isLoopbackAddress()) {
                throw new BadValueException(
                    "\""
                        + text
                        + "\" is not a loopback address, which needs token_file, and that is"
                        + " not in this version; write \"127.0.0.1:"
                        + address.getPort()
                        + "\"");
              }
              return address;
            });
    return new AdminSection(
        listen == null ? Addresses.socketAddress("127.0.0.1:" + DEFAULT_ADMIN_PORT) : listen);
  }

  private static List<InetSocketAddress> defaultListen() throws BadValueException {
    return List.of(
        Addresses.socketAddress("0.0.0.0:" + DEFAULT_PORT),
        Addresses.socketAddress("[::]:" + DEFAULT_PORT));
  }

  private static @Nullable List<InetSocketAddress> listen(Table table) {
    Set<InetSocketAddress> seen = new HashSet<>();
    List<InetSocketAddress> listen =
        table.parseList(
            "listen",
            text -> {
              InetSocketAddress address = Addresses.socketAddress(text);
              if (!seen.add(address) && address.getPort() != 0) {
                throw new BadValueException("\"" + text + "\" is there twice; remove one");
              }
              return address;
            });
    if (listen != null && listen.isEmpty()) {
      table.error("listen", "names no usable address; write one, or remove the key");
    }
    return listen;
  }

  private @Nullable PrivateKey privateKey(Table table) {
    SecretReader.Found found = secrets.read(table, "private_key");
    return found == null
        ? null
        : table.parse(found.key(), found.text(), text -> Keys.parse(PrivateKey::fromBase64, text));
  }

  private static TunnelNetwork network(Table table) throws BadValueException {
    TunnelNetwork tailnets = Addresses.network("100.64.0.0/10");
    TunnelNetwork network =
        table.parse(
            "network",
            text -> {
              TunnelNetwork parsed = Addresses.network(text);
              if (parsed.overlaps(tailnets)) {
                throw new BadValueException(
                    "\""
                        + text
                        + "\" overlaps "
                        + tailnets
                        + ", where tailnets have their"
                        + " addresses; write another, such as \"10.6.0.0/24\"");
              }
              InetAddress base = parsed.base();
              if (base.isLoopbackAddress()
                  || base.isMulticastAddress()
                  || base.isAnyLocalAddress()) {
                throw new BadValueException(
                    "\""
                        + text
                        + "\" cannot be used for hosts; write another, such as"
                        + " \"10.6.0.0/24\"");
              }
              return parsed;
            });
    return network == null ? Addresses.network("10.6.0.0/24") : network;
  }

  private Path stateDir(Table table) throws BadValueException {
    Path stateDir = table.parse("state_dir", text -> Paths.resolve(file, text));
    return stateDir == null ? Paths.resolve(file, "state") : stateDir;
  }
}
