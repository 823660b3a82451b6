package dev.tailbridge.bridge.admin;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The bridge as the API shows it.
 *
 * @param startedAt RFC 3339, UTC
 * @param publicKey of the WireGuard side, base64
 * @param listen the UDP addresses that are bound, as {@code address:port}
 * @param endpoint what devices are told to dial; null when the configuration does not say
 * @param crypto the implementation that seals packets, with its version where one is known
 * @param tailnetLibrary versions of the Go library; null while no device needs it
 * @param eventLoops how many carry packets
 * @param loops how busy each of the bridge's event loops is
 * @param underLoad whether handshakes pile up, so that their senders must prove their address
 * @param clockProblem why the host's clock cannot be right, so that devices are told no time; null
 *     when it can
 * @param drops how many datagrams and packets the WireGuard side dropped, by reason, those of the
 *     devices included
 * @param process what all of this takes
 * @param unknownKeys who wanted to connect lately and is no device; the one seen last first
 * @param servers that the bridge dials
 * @param gateways the rules, in the order in which they began
 */
public record BridgeView(
    String version,
    long pid,
    String startedAt,
    long uptimeSeconds,
    String publicKey,
    List<String> listen,
    @Nullable String endpoint,
    String stateDir,
    String crypto,
    @Nullable String tailnetLibrary,
    int eventLoops,
    List<LoopView> loops,
    boolean underLoad,
    @Nullable String clockProblem,
    Map<String, Long> drops,
    ProcessView process,
    List<UnknownKeyView> unknownKeys,
    List<DeviceView> devices,
    List<ServerView> servers,
    List<GatewayView> gateways) {

  public BridgeView {
    listen = List.copyOf(listen);
    loops = List.copyOf(loops);
    drops = Collections.unmodifiableMap(new TreeMap<>(drops));
    unknownKeys = List.copyOf(unknownKeys);
    devices = List.copyOf(devices);
    servers = List.copyOf(servers);
    gateways = List.copyOf(gateways);
  }
}
