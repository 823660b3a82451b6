package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PublicKey;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One {@code [[device]]} with {@code [defaults]} applied.
 *
 * @param name a DNS label, unique in the file
 * @param address the device's own tunnel address, unique in the file
 * @param tailnet the name of its {@link TailnetSection}; null for {@code "none"}, a plain WireGuard
 *     peer
 * @param hostname the name to ask for in the tailnet, unique in that tailnet
 * @param authKey the device's own key, which comes before its tailnet's credential
 * @param ephemeral whether its node loses its identity whenever it stops
 * @param keepalive how long nothing authenticated may be exchanged before the bridge sends a
 *     keepalive, in whole seconds; {@link Duration#ZERO} for {@code "off"}
 * @param maxConnections how many connections of callers the device has at a time, 1 to {@value
 *     #MAX_CONNECTIONS}; further callers wait
 * @param hold how long a caller waits for the device's answer, in whole seconds
 * @param ports what callers of the tailnet reach
 * @param allow the logins and tags that may call; null for all whom the tailnet's own rules let in
 * @param services what it finds at the bridge's own tunnel address
 * @param health what {@code /health} may probe; null for nothing but the tunnel
 */
public record DeviceSection(
    String name,
    PublicKey publicKey,
    @Nullable PresharedKey presharedKey,
    Inet4Address address,
    @Nullable String tailnet,
    String hostname,
    @Nullable Secret authKey,
    boolean ephemeral,
    Presence presence,
    Source source,
    Duration keepalive,
    StaleClock staleClock,
    Tcp tcp,
    int maxConnections,
    Duration hold,
    DevicePorts ports,
    @Nullable List<String> allow,
    TunnelServices services,
    @Nullable HealthCheck health) {

  public DeviceSection {
    allow = allow == null ? null : List.copyOf(allow);
  }

  /** When its node is online in the tailnet. */
  public enum Presence {
    /** As long as the bridge runs. */
    ALWAYS,
    /** While the device itself is there. */
    FOLLOW_DEVICE
  }

  /** Which source address the device sees on packets from the tailnet. */
  public enum Source {
    /** The bridge's tunnel address, which every device can answer. */
    GATEWAY,
    /** The caller's own tailnet address. */
    CLIENT
  }

  /**
   * What becomes of a handshake whose timestamp is not newer than the device's last, as after a
   * reboot without a clock.
   */
  public enum StaleClock {
    /** It is dropped, and the bridge starts a handshake of its own towards its source. */
    REVERSE,
    /** It is answered, and the session is believed when the device has used it. */
    TENTATIVE,
    /** It is dropped, as everywhere else. */
    DROP
  }

  /** What the bridge's own tables hold; also what a device has that names no number. */
  public static final int MAX_CONNECTIONS = 1024;

  /** How a TCP connection crosses the bridge. */
  public enum Tcp {
    /** It ends in the bridge on both sides, and the bridge passes the bytes on. */
    SPLICE,
    /** Packet by packet: the two ends talk to each other. */
    ROUTED
  }
}
