package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.GatewaySection.Mode;
import dev.tailbridge.bridge.config.GatewaySection.Protocol;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one {@code [[gateway]]} after another. */
final class GatewayReader {
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");
  static final int DEFAULT_CONNECTIONS = 256;

  /** RFC 5382 REQ-5: a connection may rest for two hours and four minutes. */
  private static final Duration DEFAULT_IDLE_TCP = Duration.ofMinutes(124);

  /** RFC 4787 REQ-5 recommends five minutes for UDP, and forbids less than two. */
  private static final Duration DEFAULT_IDLE_UDP = Duration.ofMinutes(5);

  private static final int MIN_IDLE_SECONDS_UDP = 120;
  private static final int MAX_IDLE_SECONDS = 86400;

  private final GatewayTunnels tunnels;
  private final List<GatewaySection> before = new ArrayList<>();

  /**
   * @param tunnels of all devices
   */
  GatewayReader(GatewayTunnels tunnels) {
    this.tunnels = tunnels;
  }

  /** The rule, or null when something in it is missing or wrong. */
  @Nullable GatewaySection gateway(Table table) {
    table.require("mode", "write \"ingress\" (host to tunnel) or \"egress\" (tunnel to network)");
    boolean modeIsClear = "ingress".equals(table.string("mode")) || isEgress(table);
    Mode mode = table.choice("mode", Mode.class, Mode.INGRESS);
    Protocol protocol = table.choice("protocol", Protocol.class, Protocol.TCP);
    Integer connections =
        table.integer("max_connections", /* least= */ 1, GatewaySection.MOST_CONNECTIONS);
    Duration idle =
        table.parse("idle", text -> Seconds.parse(text, least(protocol), MAX_IDLE_SECONDS, ""));
    if (!modeIsClear) {
      return null; // what the other keys mean depends on it
    }
    InetSocketAddress listen = listen(table, mode);
    GatewayTunnels.Way way = mode == Mode.EGRESS ? egress(table) : ingress(table, protocol);
    if (listen == null || way == null) {
      return null;
    }
    GatewaySection rule =
        new GatewaySection(
            mode,
            protocol,
            listen,
            way.target(),
            way.tunnels(),
            connections == null ? DEFAULT_CONNECTIONS : connections,
            idle == null ? defaultIdle(protocol) : idle,
            List.of("/"));
    refuseTaken(table, rule);
    before.add(rule);
    return rule;
  }

  private static int least(Protocol protocol) {
    return protocol == Protocol.UDP ? MIN_IDLE_SECONDS_UDP : 1;
  }

  /** What {@code idle} is when it is left out. */
  static Duration defaultIdle(Protocol protocol) {
    return protocol == Protocol.UDP ? DEFAULT_IDLE_UDP : DEFAULT_IDLE_TCP;
  }

  private static boolean isEgress(Table table) {
    return "egress".equals(table.string("mode"));
  }

  private static @Nullable InetSocketAddress listen(Table table, Mode mode) {
    if (mode == Mode.INGRESS) {
      table.require("listen", "write an address of this host, like \"0.0.0.0:9000\"");
      return table.parse("listen", GatewayReader::hostPort);
    }
    table.require("listen", "write the port at the bridge's tunnel address, like \"9000\"");
    return table.parse("listen", GatewayReader::tunnelPort);
  }

  private static InetSocketAddress hostPort(String text) throws BadValueException {
    InetSocketAddress address = Addresses.socketAddress(text);
    if (address.getPort() == 0) {
      throw new BadValueException("port 0 is no port that anybody could call; write another");
    }
    return address;
  }

  private static InetSocketAddress tunnelPort(String text) throws BadValueException {
    String whole = PORT.matcher(text).matches() ? "0.0.0.0:" + text : text;
    InetSocketAddress address = Addresses.socketAddress(whole);
    if (!address.getAddress().isAnyLocalAddress() || address.getPort() == 0) {
      throw new BadValueException(
          Quote.of(text)
              + " is not possible: an egress rule listens at the bridge's own address in the tunnel;"
              + " write the port alone, like \"9000\"");
    }
    return new InetSocketAddress(address.getPort());
  }

  private GatewayTunnels.@Nullable Way ingress(Table table, Protocol protocol) {
    if (table.has("from")) {
      table.error("from", "has no use with mode = \"ingress\"; remove it");
    }
    table.require("target", "write a device and its port, like \"greenhouse:80\"");
    return table.parse("target", text -> tunnels.inside(text, protocol));
  }

  private GatewayTunnels.@Nullable Way egress(Table table) {
    table.require("target", "write a host and its port, like \"192.168.1.10:1883\"");
    table.require("from", "name the devices that may use the rule, or write [\"*\"]");
    HostAndPort target = table.parse("target", Addresses::hostAndPort);
    List<String> from = table.parseList("from", tunnels::user);
    if (from == null || target == null) {
      return null;
    }
    if (from.isEmpty()) {
      table.error("from", "is empty, so nobody could use the rule; name devices, or write [\"*\"]");
      return null;
    }
    return new GatewayTunnels.Way(target, tunnels.users(from));
  }

  private void refuseTaken(Table table, GatewaySection rule) {
    if (rule.mode() == Mode.EGRESS) {
      int port = rule.listen().getPort();
      for (DeviceSection device : tunnels.devices(rule.tunnels())) {
        TunnelServices.Use use = device.services().at(rule.protocol(), port);
        if (use != null) {
          table.error(
              "listen",
              "port %s is where the bridge itself tells %s %s; write another port, or %s for that device"
                  .formatted(port, Quote.of(device.name()), use.told(), use.without()));
          return;
        }
      }
    }
    for (GatewaySection other : before) {
      if (other.mode() == rule.mode()
          && other.protocol() == rule.protocol()
          && other.listen().equals(rule.listen())
          && (rule.mode() == Mode.INGRESS
              || other.tunnels().stream().anyMatch(rule.tunnels()::contains))) {
        table.error("listen", "is taken by another [[gateway]]: " + other + "; write another port");
        return;
      }
    }
  }
}
