package dev.tailbridge.bridge.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes datagrams at a UDP port of our address in tunnels, and passes them on to a host on the
 * ordinary network, which sees each caller as a port of this machine.
 */
public final class UdpEgress implements Rule {

  private final int port;
  private final UdpTarget target;
  private final GatewayLimits limits;
  private final RuleLog log;
  private final Traffic traffic;
  private final Map<Tunnel, UdpEgressPort> ports = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param rule what the log calls it
   * @param port in the tunnels
   * @param limits of flows; {@code connect} is of no use
   */
  public UdpEgress(
      String rule, int port, String host, int hostPort, GatewayLimits limits, AddressLookup names) {
    this.port = port;
    this.target = new UdpTarget(names, host, hostPort);
    this.limits = limits;
    this.log = new RuleLog(rule);
    this.traffic = new Traffic(limits.connections());
  }

  @Override
  public void begin() {
    log.begins();
  }

  @Override
  public void tunnelBegan(Tunnel tunnel) {
    if (!closed) {
      ports.put(tunnel, new UdpEgressPort(tunnel, port, target, limits, traffic, log));
    }
  }

  @Override
  public void tunnelEnds(Tunnel tunnel) {
    UdpEgressPort ending = ports.remove(tunnel);
    if (ending != null) {
      ending.close();
    }
  }

  @Override
  public long lastHandshakeEpochMillis() {
    return ports.keySet().stream().mapToLong(Tunnel::lastHandshakeEpochMillis).max().orElse(0);
  }

  @Override
  public Traffic.Snapshot traffic() {
    return traffic.snapshot();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    log.ends(traffic.snapshot());
    for (Tunnel tunnel : ports.keySet()) {
      tunnel.eventLoop().execute(() -> tunnelEnds(tunnel));
    }
  }
}
