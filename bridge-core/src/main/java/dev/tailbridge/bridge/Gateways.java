package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.GatewaySection;
import dev.tailbridge.bridge.config.GatewaySection.Mode;
import dev.tailbridge.bridge.config.GatewaySection.Protocol;
import dev.tailbridge.bridge.gateway.AddressLookup;
import dev.tailbridge.bridge.gateway.GatewayLimits;
import dev.tailbridge.bridge.gateway.Rule;
import dev.tailbridge.bridge.gateway.TcpEgress;
import dev.tailbridge.bridge.gateway.TcpIngress;
import dev.tailbridge.bridge.gateway.Tunnel;
import dev.tailbridge.bridge.gateway.UdpEgress;
import dev.tailbridge.bridge.gateway.UdpIngress;
import dev.tailbridge.bridge.health.HealthTarget;
import dev.tailbridge.bridge.health.HealthTargets;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All gateway rules with the tunnels that they use. A rule begins and ends with its block of the
 * file, whether its devices are there or not.
 *
 * <p>Tunnels come and go on their own event loops, which wait for nothing here. All else is for
 * other threads, one at a time, since rules wait for sockets.
 */
final class Gateways implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("gateway");

  /** As long as a caller of a device waits by default. */
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final EventLoop acceptor;
  private final AddressLookup names;
  private final HealthTargets health;

  /** Held for a moment only, by event loops too. Guards both maps. */
  private final Object lock = new Object();

  private final Map<GatewaySection, Rule> rules = new LinkedHashMap<>();
  private final Map<String, Tunnel> tunnels = new LinkedHashMap<>();

  /**
   * @param acceptor where callers from this host are accepted
   * @param names closed with this
   * @param health where rules may be asked about
   */
  Gateways(EventLoop acceptor, AddressLookup names, HealthTargets health) {
    this.health = health;
    this.acceptor = acceptor;
    this.names = names;
  }

  /** Asks each rule, in the order in which they began. */
  <T> List<T> each(BiFunction<GatewaySection, Rule, T> question) {
    List<T> answers = new ArrayList<>();
    synchronized (lock) {
      rules.forEach((section, rule) -> answers.add(question.apply(section, rule)));
    }
    return answers;
  }

  /**
   * Begins all of them, before any tunnel is there.
   *
   * @throws BridgeException when one cannot listen; those before it go on until {@link #close}
   */
  synchronized void begin(List<GatewaySection> sections) throws BridgeException {
    for (GatewaySection section : sections) {
      begin(section);
    }
  }

  /** Ends the rules that are not among these, and begins those that are new. */
  synchronized void change(List<GatewaySection> sections) {
    List<Rule> gone = new ArrayList<>();
    List<GatewaySection> added = new ArrayList<>(sections);
    synchronized (lock) {
      added.removeAll(rules.keySet());
      rules.forEach(
          (section, rule) -> {
            if (!sections.contains(section)) {
              gone.add(rule);
              health.remove(section.healthName());
            }
          });
      rules.values().removeAll(gone);
    }
    gone.forEach(Rule::close);
    for (GatewaySection section : added) {
      try {
        begin(section);
      } catch (BridgeException e) {
        LOG.error("{}; the next reload tries again", e.getMessage());
      }
    }
  }

  private void begin(GatewaySection section) throws BridgeException {
    Rule rule = rule(section);
    try {
      rule.begin();
    } catch (IOException e) {
      throw new BridgeException(section + ": cannot listen: " + e.getMessage(), e);
    }
    health.add(
        new HealthTarget(
            section.healthName(),
            section.target().toString(),
            section.protocol() == Protocol.TCP ? rule::probe : null,
            section.healthPaths(),
            rule::lastHandshakeEpochMillis,
            section.mode() == Mode.EGRESS ? HealthTarget.SESSION : null));
    synchronized (lock) {
      rules.put(section, rule);
      for (Tunnel tunnel : tunnels.values()) {
        tunnel.eventLoop().execute(() -> attachIfThere(section, rule, tunnel));
      }
    }
  }

  private void attachIfThere(GatewaySection section, Rule rule, Tunnel tunnel) {
    synchronized (lock) {
      // The rule may have ended meanwhile, and closes what it has by then.
      if (tunnels.get(tunnel.name()) == tunnel && rules.get(section) == rule) {
        attach(section, rule, tunnel);
      }
    }
  }

  private static void attach(GatewaySection section, Rule rule, Tunnel tunnel) {
    if (section.tunnels().contains(tunnel.name())) {
      try {
        rule.tunnelBegan(tunnel);
      } catch (IllegalStateException e) {
        LOG.error("{}: not in {}: {}", section, tunnel.name(), e.getMessage());
      }
    }
  }

  private Rule rule(GatewaySection section) {
    GatewayLimits limits = new GatewayLimits(section.maxConnections(), CONNECT, section.idle());
    String host = section.target().host();
    int port = section.target().port();
    boolean udp = section.protocol() == Protocol.UDP;
    String name = section.toString();
    InetSocketAddress listen = section.listen();
    return switch (section.mode()) {
      case INGRESS ->
          udp
              ? new UdpIngress(name, listen, literal(host, port), limits, acceptor)
              : new TcpIngress(name, listen, literal(host, port), limits, acceptor);
      case EGRESS ->
          udp
              ? new UdpEgress(name, listen.getPort(), host, port, limits, names)
              : new TcpEgress(name, listen.getPort(), host, port, limits, names, acceptor);
    };
  }

  /** The reader of the file has seen to it that this is an address. */
  private static InetSocketAddress literal(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(host, e);
    }
  }

  /** A tunnel is there; on its event loop. */
  void tunnelBegan(Tunnel tunnel) {
    synchronized (lock) {
      tunnels.put(tunnel.name(), tunnel);
      rules.forEach((section, rule) -> attach(section, rule, tunnel));
    }
  }

  /** The tunnel of that name is about to end, if there is one; on its event loop. */
  void tunnelEnds(String name) {
    synchronized (lock) {
      Tunnel tunnel = tunnels.remove(name);
      if (tunnel != null) {
        rules.values().forEach(rule -> rule.tunnelEnds(tunnel));
      }
    }
  }

  @Override
  public synchronized void close() {
    change(List.of());
    names.close();
  }
}
