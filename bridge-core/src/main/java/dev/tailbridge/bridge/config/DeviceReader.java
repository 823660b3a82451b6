package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.DeviceSection.Presence;
import dev.tailbridge.bridge.config.DeviceSection.Source;
import dev.tailbridge.bridge.config.DeviceSection.StaleClock;
import dev.tailbridge.bridge.config.DeviceSection.Tcp;
import dev.tailbridge.bridge.config.TunnelServices.Dns;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PublicKey;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one {@code [[device]]}. */
final class DeviceReader {
  static final String NO_TAILNET = "none";
  private static final Duration DEFAULT_KEEPALIVE = Duration.ofSeconds(25);
  private static final int MAX_KEEPALIVE_SECONDS = 65535;
  private static final Duration DEFAULT_HOLD = Duration.ofSeconds(10);
  private static final int MAX_HOLD_SECONDS = 600;

  private final TunnelNetwork network;
  private final Set<String> tailnets;
  private final SecretReader secrets;
  private final TailnetReader tailnetReader;

  /**
   * @param network of the bridge, in which the device's address must lie
   * @param tailnets the names of all tailnets in the file
   */
  DeviceReader(
      TunnelNetwork network,
      Set<String> tailnets,
      SecretReader secrets,
      TailnetReader tailnetReader) {
    this.network = network;
    this.tailnets = tailnets;
    this.secrets = secrets;
    this.tailnetReader = tailnetReader;
  }

  /** The device, or null when something in it is missing or wrong. */
  @Nullable DeviceSection device(Table table) {
    String name = name(table);
    PublicKey publicKey = publicKey(table);
    Inet4Address address =
        required(table, "address", "write an address from " + range(), text -> deviceAddress(text));
    String tailnet = tailnet(table);
    String hostname = table.parse("hostname", DnsLabel::parse);
    Secret authKey = tailnetReader.authKey(table);
    if (NO_TAILNET.equals(tailnet)) {
      refuseWithoutTailnet(
          table,
          "hostname",
          "auth_key",
          "auth_key_file",
          "auth_key_env",
          "ephemeral",
          "presence",
          "ports",
          "allow");
    }
    boolean ephemeral = table.flag("ephemeral", false);
    Presence presence = table.choice("presence", Presence.class, Presence.ALWAYS);
    if (ephemeral && presence == Presence.FOLLOW_DEVICE) {
      table.error(
          "presence",
          "the control server deletes an ephemeral machine that is offline; remove presence or"
              + " ephemeral");
    }
    PresharedKey presharedKey = presharedKey(table);
    Duration keepalive = keepalive(table);
    Source source = table.choice("source", Source.class, Source.GATEWAY);
    StaleClock staleClock = table.choice("stale_clock", StaleClock.class, StaleClock.REVERSE);
    Tcp tcp = table.choice("tcp", Tcp.class, Tcp.SPLICE);
    Integer maxConnections =
        table.integer("max_connections", /* least= */ 1, DeviceSection.MAX_CONNECTIONS);
    Duration hold = table.parse("hold", DeviceReader::hold);
    DevicePorts ports = PortsReader.ports(table);
    List<String> allow = AllowReader.allow(table);
    TunnelServices services =
        new TunnelServices(dns(table, tailnet), table.flag("ntp", /* absent= */ true));
    HealthCheck health = HealthCheckReader.health(table);
    if (tcp == Tcp.ROUTED) {
      refuseWhenRouted(table, "max_connections", "hold", "health");
    }
    if (name == null || publicKey == null || address == null || tailnet == null) {
      return null;
    }
    return new DeviceSection(
        name,
        publicKey,
        presharedKey,
        address,
        NO_TAILNET.equals(tailnet) ? null : tailnet,
        hostname == null ? name : hostname,
        authKey,
        ephemeral,
        presence,
        source,
        keepalive,
        staleClock,
        tcp,
        maxConnections == null ? DeviceSection.MAX_CONNECTIONS : maxConnections,
        hold == null ? DEFAULT_HOLD : hold,
        ports,
        allow,
        services,
        health);
  }

  @Nullable String name(Table table) {
    return required(table, "name", "write the host name that it shall have", DnsLabel::parse);
  }

  @Nullable PublicKey publicKey(Table table) {
    return required(
        table,
        "public_key",
        "write what `wg pubkey` prints for the device's private key",
        text -> Keys.parse(PublicKey::fromBase64, text));
  }

  Duration keepalive(Table table) {
    Duration keepalive = table.parse("keepalive", DeviceReader::keepalive);
    return keepalive == null ? DEFAULT_KEEPALIVE : keepalive;
  }

  private static <T> @Nullable T required(
      Table table, String key, String remedy, Table.Parser<T> parser) {
    table.require(key, remedy);
    return table.parse(key, parser);
  }

  private Inet4Address deviceAddress(String text) throws BadValueException {
    Inet4Address address = Addresses.ipv4(text);
    String problem =
        !network.contains(address)
            ? " lies outside the network " + network
            : address.equals(network.bridgeAddress())
                ? " is the bridge's own address"
                : address.equals(network.base()) || address.equals(network.broadcastAddress())
                    ? " is the network's first or last address, which no host can have"
                    : "";
    if (!problem.isEmpty()) {
      throw new BadValueException(Quote.of(text) + problem + "; write one from " + range());
    }
    return address;
  }

  private String range() {
    return network.firstDeviceAddress().getHostAddress()
        + " to "
        + network.lastDeviceAddress().getHostAddress();
  }

  /** The tailnet's name, {@value #NO_TAILNET}, or null when it is unclear. */
  private @Nullable String tailnet(Table table) {
    if (table.ownerOf(List.of("tailnet")) == null) {
      if (tailnets.size() == 1) {
        return tailnets.iterator().next();
      }
      table.missing(
          "tailnet",
          tailnets.isEmpty()
              ? "add a [tailnet.NAME], or write tailnet = \"none\" for a plain WireGuard peer"
              : "write one of " + String.join(", ", tailnets) + ", or \"none\"");
      return null;
    }
    return table.parse(
        "tailnet",
        text -> {
          if (text.equals(NO_TAILNET) || tailnets.contains(text)) {
            return text;
          }
          throw new BadValueException(
              "there is no [tailnet."
                  + text
                  + "]"
                  + NearestName.hint(
                      text, tailnets, "; add it, or write \"none\" for a plain WireGuard peer"));
        });
  }

  private static void refuseWithoutTailnet(Table table, String... keys) {
    for (String key : keys) {
      if (table.has(key)) {
        table.error(key, "has no use with tailnet = \"none\"; remove one of the two");
      }
    }
  }

  @Nullable PresharedKey presharedKey(Table table) {
    SecretReader.Found found = secrets.read(table, "preshared_key");
    return found == null
        ? null
        : table.parse(
            found.key(), found.text(), text -> Keys.parse(PresharedKey::fromBase64, text));
  }

  private static Dns dns(Table table, @Nullable String tailnet) {
    Dns dns = table.choice("dns", Dns.class, Dns.TAILNET);
    if (dns == Dns.ALL || !NO_TAILNET.equals(tailnet)) {
      return dns;
    }
    if (dns == Dns.TAILNET && table.has("dns")) {
      table.error(
          "dns",
          "has no use with tailnet = \"none\"; write dns = \"all\", or remove one of the two");
    }
    return Dns.OFF;
  }

  /** A key of the defaults may stand beside a device that is routed; its own may not. */
  private static void refuseWhenRouted(Table table, String... keys) {
    for (String key : keys) {
      if (table.has(key)) {
        table.error(key, "has no use with tcp = \"routed\"; remove one of the two");
      }
    }
  }

  private static Duration keepalive(String text) throws BadValueException {
    return text.equals("off")
        ? Duration.ZERO
        : Seconds.parse(text, MAX_KEEPALIVE_SECONDS, ", or \"off\"");
  }

  private static Duration hold(String text) throws BadValueException {
    return Seconds.parse(text, MAX_HOLD_SECONDS, "");
  }
}
