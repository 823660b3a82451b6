package dev.tailbridge.bridge.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One {@code [[gateway]]}: connections, or flows of UDP, between a tunnel and the ordinary network.
 *
 * @param listen ingress: an address of this host; egress: an unspecified address and the port at
 *     the bridge's own address in each of the tunnels
 * @param target ingress: an IP address inside the tunnel; egress: a host on the ordinary network
 * @param tunnels ingress: the one device through whose tunnel the target is reached; egress: the
 *     devices that may use the rule
 * @param maxConnections how many connections or flows it has at a time
 * @param idle how long a connection, or the caller of a flow, may be silent, in whole seconds
 * @param healthPaths what a question about its health may fetch of the target; null for any path
 */
public record GatewaySection(
    Mode mode,
    Protocol protocol,
    InetSocketAddress listen,
    HostAndPort target,
    List<String> tunnels,
    int maxConnections,
    Duration idle,
    @Nullable List<String> healthPaths) {

  public GatewaySection {
    tunnels = List.copyOf(tunnels);
    healthPaths = healthPaths == null ? null : List.copyOf(healthPaths);
  }

  /** The highest number of connections that a rule can be given. */
  public static final int MOST_CONNECTIONS = 4096;

  /** Which way connections go. */
  public enum Mode {
    /** From this host into the tunnel. */
    INGRESS,
    /** From the tunnel to the ordinary network. */
    EGRESS
  }

  /** What is carried. */
  public enum Protocol {
    /** Connections. */
    TCP,
    /** Datagrams, in flows. */
    UDP
  }

  /** What a question about its health calls it: {@code egress:9000}, {@code egress-udp:9000}. */
  public String healthName() {
    return word(mode)
        + (protocol == Protocol.UDP ? "-udp:" : ":")
        + (mode == Mode.EGRESS ? String.valueOf(listen.getPort()) : listenText());
  }

  /**
   * What tells it from others at the same port of other tunnels, in few words that stay while
   * devices are added to it: {@code greenhouse}, {@code greenhouse and others}. Empty of ingress,
   * which has its port for itself.
   */
  public String users() {
    if (mode == Mode.INGRESS || tunnels.isEmpty()) {
      return "";
    }
    return tunnels.get(0) + (tunnels.size() > 1 ? " and others" : "");
  }

  private String listenText() {
    return new HostAndPort(listen.getAddress().getHostAddress(), listen.getPort()).toString();
  }

  /** For people: {@code ingress tcp 0.0.0.0:9000 to 10.6.0.2:80}. */
  @Override
  public String toString() {
    String at =
        mode == Mode.EGRESS
            ? "port " + listen.getPort() + " of " + String.join(", ", tunnels)
            : listenText();
    return word(mode) + " " + word(protocol) + " " + at + " to " + target;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
