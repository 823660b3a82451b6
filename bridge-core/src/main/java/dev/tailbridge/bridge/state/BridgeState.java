package dev.tailbridge.bridge.state;

import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bridge.json} holds. Immutable.
 *
 * @param timestampFloor no WireGuard timestamp at or below it may be sent again; nanoseconds since
 *     1970, written ahead of use; 0 when nothing is known
 * @param clockSeen the latest time that the host's clock has shown to a bridge; the epoch when
 *     nothing is known
 * @param devices which tailnet node each public key has or had
 * @param endpoints where each device was last heard, authenticated
 */
public record BridgeState(
    long timestampFloor,
    Instant clockSeen,
    Map<PublicKey, KnownNode> devices,
    Map<PublicKey, InetSocketAddress> endpoints) {

  /** A bridge that has never run. */
  public static final BridgeState EMPTY = new BridgeState(0, Instant.EPOCH, Map.of(), Map.of());

  public BridgeState {
    devices = Collections.unmodifiableMap(new LinkedHashMap<>(devices));
    endpoints = Collections.unmodifiableMap(new LinkedHashMap<>(endpoints));
  }

  /**
   * A tailnet node's directory, {@code nodes/TAILNET/NAME}.
   *
   * @param movingFrom the name that the directory still has while it is being moved; null at rest
   */
  public record KnownNode(String tailnet, String name, @Nullable String movingFrom) {

    public KnownNode(String tailnet, String name) {
      this(tailnet, name, null);
    }
  }

  public BridgeState withTimestampFloor(long floor) {
    return new BridgeState(floor, clockSeen, devices, endpoints);
  }

  /** Never goes back: a clock that does is what this is for. */
  public BridgeState withClockSeen(Instant now) {
    return new BridgeState(
        timestampFloor, now.isAfter(clockSeen) ? now : clockSeen, devices, endpoints);
  }

  public BridgeState withDevices(Map<PublicKey, KnownNode> known) {
    return new BridgeState(timestampFloor, clockSeen, known, endpoints);
  }

  public BridgeState withEndpoints(Map<PublicKey, InetSocketAddress> heard) {
    return new BridgeState(timestampFloor, clockSeen, devices, heard);
  }
}
