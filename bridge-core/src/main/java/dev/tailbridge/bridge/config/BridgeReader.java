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
  private static final int SHORTEST_TOKEN = 16;

  private final Path file;
  private final SecretReader secrets;

  BridgeReader(Path file, SecretReader secrets) {
    this.file = file;
    this.secrets = secrets;
  }

  BridgeSection bridge(Table table) {
    return new BridgeSection(
        table.parse("endpoint", Addresses::hostAndPort),
        listen(table),
        !table.has("listen"),
        privateKey(table),
        network(table),
        table.parseListOr("dns_servers", List.of(), BridgeReader::dnsServer),
        stateDir(table),
        table.choice("crypto", Crypto.class, Crypto.AUTO),
        table.choice("log", LogLevel.class, LogLevel.INFO),
        table.choice("log_format", LogFormat.class, LogFormat.TEXT));
  }

  AdminSection admin(Table table) {
    SecretReader.Found token = secrets.read(table, "token");
    InetSocketAddress listen =
        table.parseOr("listen", "127.0.0.1:8080", text -> adminAddress(text, hasToken(table)));
    InetSocketAddress health = table.parse("health_listen", Addresses::socketAddress);
    if (listen.equals(health) && listen.getPort() != 0) {
      table.error(
          "health_listen",
          "is the address of listen, where health is answered too; write another, or remove it");
    }
    return new AdminSection(
        listen,
        health,
        token == null ? null : table.parse(token.key(), token.text(), BridgeReader::token));
  }

  /** One that cannot be read, which was reported, is meant to be there all the same. */
  private static boolean hasToken(Table table) {
    return table.has("token") || table.has("token_file") || table.has("token_env");
  }

  private static InetSocketAddress adminAddress(String text, boolean token)
      throws BadValueException {
    InetSocketAddress address = Addresses.socketAddress(text);
    if (!token && !address.getAddress().isLoopbackAddress()) {
      throw new BadValueException(
          Quote.of(text)
              + " is not a loopback address, so whoever reaches it must show a token; add"
              + " token_file = \"admin.token\", a file with 16 characters or more, or write"
              + " \"127.0.0.1:"
              + address.getPort()
              + "\"");
    }
    return address;
  }

  private static Secret token(String text) throws BadValueException {
    if (text.length() < SHORTEST_TOKEN) {
      throw new BadValueException(
          "is shorter than 16 characters, which can be guessed; make one with"
              + " `openssl rand -hex 32`");
    }
    return new Secret(text);
  }

  private static List<InetSocketAddress> listen(Table table) {
    List<InetSocketAddress> listen =
        table.parseListOr(
            "listen", List.of("0.0.0.0:51820", "[::]:51820"), Addresses::socketAddress);
    if (listen.isEmpty()) {
      table.error("listen", "is empty; write an address, or remove the key");
    }
    Set<InetSocketAddress> seen = new HashSet<>();
    for (InetSocketAddress address : listen) {
      if (!seen.add(address) && address.getPort() != 0) {
        HostAndPort shown =
            new HostAndPort(address.getAddress().getHostAddress(), address.getPort());
        table.error("listen", Quote.of(shown.toString()) + " is there twice; remove one");
      }
    }
    return listen;
  }

  private static InetSocketAddress dnsServer(String text) throws BadValueException {
    boolean hasPort = text.startsWith("[") ? text.contains("]:") : text.matches("[^:]*:[^:]*");
    if (hasPort) {
      return Addresses.socketAddress(text);
    }
    String host = text.startsWith("[") || !text.contains(":") ? text : "[" + text + "]";
    return Addresses.socketAddress(host + ":53");
  }

  private @Nullable PrivateKey privateKey(Table table) {
    SecretReader.Found found = secrets.read(table, "private_key");
    return found == null
        ? null
        : table.parse(found.key(), found.text(), text -> Keys.parse(PrivateKey::fromBase64, text));
  }

  private static TunnelNetwork network(Table table) {
    return table.parseOr(
        "network",
        "10.6.0.0/24",
        text -> {
          TunnelNetwork network = Addresses.network(text);
          if (network.overlaps(TunnelNetwork.TAILNETS)) {
            throw new BadValueException(
                Quote.of(text)
                    + " overlaps "
                    + TunnelNetwork.TAILNETS
                    + ", where tailnets have their addresses; write another, such as"
                    + " \"10.6.0.0/24\"");
          }
          InetAddress base = network.base();
          if (base.isLoopbackAddress() || base.isMulticastAddress() || base.isAnyLocalAddress()) {
            throw new BadValueException(
                Quote.of(text)
                    + " cannot be used for hosts; write another, such as \"10.6.0.0/24\"");
          }
          return network;
        });
  }

  private Path stateDir(Table table) {
    return table.parseOr("state_dir", "state", text -> Paths.resolve(file, text));
  }
}
