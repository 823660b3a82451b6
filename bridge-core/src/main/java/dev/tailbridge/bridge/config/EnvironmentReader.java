package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.BridgeSection.Crypto;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.bridge.config.GatewaySection.Mode;
import dev.tailbridge.bridge.config.GatewaySection.Protocol;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a configuration of environment variables, those of wg-tinyproxy: one WireGuard server that
 * is dialed, and gateway rules of one mode for one host.
 *
 * <p>Every problem is found in one go and begins with the name of its variable.
 */
public final class EnvironmentReader {

  /** The server's name in logs and answers. */
  public static final String SERVER = "server";

  private static final String WILDCARD = "0.0.0.0";

  private final Variables variables;

  private EnvironmentReader(Variables variables) {
    this.variables = variables;
  }

  /** Whether the environment is meant as a configuration. */
  public static boolean isMeant(Function<String, @Nullable String> environment) {
    return environment.apply("WG_PRIVATE_KEY") != null
        || environment.apply("WG_PRIVATE_KEY_FILE") != null;
  }

  /**
   * Reads the variables and the files that they name.
   *
   * @param environment gives the value of a variable, or null
   * @param stateDir where the bridge keeps what it makes, unless STATE_DIR says
   * @throws ConfigException with everything that is wrong
   */
  public static LoadedConfig read(Function<String, @Nullable String> environment, Path stateDir)
      throws ConfigException {
    return new EnvironmentReader(new Variables(environment)).read(stateDir);
  }

  private LoadedConfig read(Path stateDir) throws ConfigException {
    PrivateKey privateKey =
        variables.secret(
            "WG_PRIVATE_KEY", "write the bridge's own key", EnvironmentKeys::privateKey);
    PublicKey publicKey =
        variables.secret("WG_PUBLIC_KEY", "write the server's key", EnvironmentKeys::publicKey);
    PresharedKey presharedKey =
        variables.secret("WG_PRESHARED_KEY", null, EnvironmentKeys::presharedKey);
    List<InetAddress> addresses =
        variables.list("WG_ADDRESS", "write the bridge's own address", EnvironmentReader::own);
    List<IpPrefix> allowedIps =
        variables.list("WG_ALLOWED_IP", "write what is behind the server", UplinkReader::prefix);
    HostAndPort endpoint =
        variables.required(
            "WG_ENDPOINT", "write the server's host and port", Addresses::hostAndPort);
    Duration keepalive = Duration.ofSeconds(variables.number("WG_KEEPALIVE", 25, 0, 65535));
    int mtu = mtu(addresses);
    Mode mode = variables.choice("PROXY_MODE", Mode.class, Mode.EGRESS);
    InetAddress listen = variables.parseOr("LISTEN_ADDR", WILDCARD, Addresses::address);
    String host = host(mode);
    List<PortMapping> ports = ports();
    int healthPort = variables.number("HEALTH_PORT", 0, 1, 65535);
    LogLevel level = variables.choice("LOG_LEVEL", LogLevel.class, LogLevel.INFO);
    LogFormat format = variables.choice("LOG_FORMAT", LogFormat.class, LogFormat.TEXT);
    Path state = variables.parseOr("STATE_DIR", stateDir.toString(), Paths::absolute);
    variables.problems().throwIfAny();
    if (privateKey == null
        || publicKey == null
        || addresses == null
        || allowedIps == null
        || endpoint == null
        || host == null) {
      throw new AssertionError("what is missing was a problem");
    }
    UplinkSection uplink =
        new UplinkSection(
            SERVER, publicKey, presharedKey, endpoint, allowedIps, addresses, keepalive, mtu);
    List<GatewaySection> gateways = new ArrayList<>();
    for (PortMapping port : ports) {
      gateways.add(rule(mode, listen, host, port));
    }
    check(uplink, mode, gateways, privateKey);
    BridgeSection bridge =
        new BridgeSection(
            null,
            List.of(new InetSocketAddress(0), anyIpv6()),
            /* listenIsDefault= */ true,
            privateKey,
            TunnelNetwork.DEFAULT,
            /* dnsServers= */ List.of(),
            state,
            Crypto.AUTO,
            level,
            format);
    return new LoadedConfig(
        new BridgeConfig(
            Path.of("environment"),
            bridge,
            admin(healthPort),
            Map.of(),
            List.of(),
            List.of(uplink),
            gateways),
        variables.problems().warnings());
  }

  private static AdminSection admin(int healthPort) {
    return new AdminSection(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        healthPort == 0 ? null : new InetSocketAddress(healthPort),
        /* token= */ null);
  }

  private static InetSocketAddress anyIpv6() {
    try {
      return Addresses.socketAddress("[::]:0");
    } catch (BadValueException e) {
      throw new AssertionError("an address of our own is wrong", e);
    }
  }

  /** What stands in wg.conf has the length of its network behind it, which says nothing here. */
  private static InetAddress own(String text) throws BadValueException {
    int slash = text.indexOf('/');
    return Addresses.address(slash < 0 ? text : text.substring(0, slash));
  }

  private int mtu(@Nullable List<InetAddress> own) {
    boolean ipv6 = own != null && own.stream().anyMatch(Inet6Address.class::isInstance);
    int least = ipv6 ? UplinkSection.LEAST_MTU_IPV6 : UplinkSection.LEAST_MTU;
    int mtu = variables.number("WG_MTU", UplinkSection.DEFAULT_MTU, least, 65535);
    if (mtu > UplinkSection.DEFAULT_MTU) {
      variables.warning(
          "WG_MTU", mtu + " is more than the bridge sends in a packet; it takes 1420");
      return UplinkSection.DEFAULT_MTU;
    }
    return mtu;
  }

  private @Nullable String host(Mode mode) {
    return variables.required(
        "TARGET_HOST",
        "write the host that callers are passed on to",
        text -> {
          if (Addresses.isLiteral(text)) {
            return Addresses.address(text).getHostAddress();
          }
          if (mode == Mode.INGRESS) {
            throw new BadValueException(
                Quote.of(text)
                    + " is a name, and the tunnel has no name server; write the machine's address in"
                    + " it");
          }
          return Addresses.hostAndPort(text + ":1").host();
        });
  }

  private List<PortMapping> ports() {
    if (variables.has("PORT_MAPPINGS")) {
      List<PortMapping> ports = variables.list("PORT_MAPPINGS", "write ports", PortMapping::parse);
      if (ports != null
          && ports.stream().anyMatch(one -> ports.stream().filter(one::takesPortOf).count() > 1)) {
        variables.error("PORT_MAPPINGS", "one port stands twice before the colon; remove one");
      }
      return ports == null ? List.of() : ports;
    }
    String or = "write a port, or PORT_MAPPINGS instead, like 8080:80,443";
    Integer local = variables.required("LOCAL_PORT", or, PortMapping::port);
    Integer target = variables.required("TARGET_PORT", or, PortMapping::port);
    return local == null || target == null
        ? List.of()
        : List.of(new PortMapping(Protocol.TCP, local, target));
  }

  private static GatewaySection rule(
      Mode mode, InetAddress listen, String host, PortMapping mapping) {
    return new GatewaySection(
        mode,
        mapping.protocol(),
        mode == Mode.INGRESS
            ? new InetSocketAddress(listen, mapping.listen())
            : new InetSocketAddress(mapping.listen()),
        new HostAndPort(host, mapping.target()),
        List.of(SERVER),
        GatewayReader.DEFAULT_CONNECTIONS,
        GatewayReader.defaultIdle(mapping.protocol()),
        /* healthPaths= */ null);
  }

  private void check(
      UplinkSection uplink, Mode mode, List<GatewaySection> gateways, PrivateKey privateKey)
      throws ConfigException {
    if (privateKey.publicKey().equals(uplink.publicKey())) {
      variables.error("WG_PUBLIC_KEY", "belongs to WG_PRIVATE_KEY; write the server's own");
    }
    if (mode == Mode.INGRESS) {
      try {
        GatewayTunnels tunnels = new GatewayTunnels(List.of(), List.of(uplink), true);
        for (GatewaySection gateway : gateways) {
          tunnels.inside(gateway.target().toString(), gateway.protocol());
        }
      } catch (BadValueException e) {
        variables.error(
            "TARGET_HOST",
            Quote.of(gateways.get(0).target().host())
                + " is not reached through the tunnel; it must lie in WG_ALLOWED_IP, and WG_ADDRESS"
                + " must have an address of its family");
      }
    }
    variables.problems().throwIfAny();
  }
}
