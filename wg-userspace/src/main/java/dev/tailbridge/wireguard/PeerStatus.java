package dev.tailbridge.wireguard;

import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of a peer up to the moment of the question. Immutable.
 *
 * @param endpoint where it was last heard, or is configured; null when neither
 * @param lastHandshakeEpochMillis when its last handshake completed, milliseconds since 1970; 0
 *     never
 * @param rxBytes UDP payload bytes of authenticated datagrams from it
 * @param txBytes UDP payload bytes sent to it
 * @param drops drops by reason; reasons that never occurred are absent
 * @param rescues how often it came with a clock set back, and was let in
 * @param moves how often its endpoint changed; what never occurred is absent
 */
public record PeerStatus(
    @Nullable InetSocketAddress endpoint,
    long lastHandshakeEpochMillis,
    long rxBytes,
    long txBytes,
    Map<DropReason, Long> drops,
    RescueStatus rescues,
    Map<EndpointChange, Long> moves) {

  public PeerStatus {
    drops = Map.copyOf(drops);
    moves = Map.copyOf(moves);
  }

  /** How many packets were dropped for this reason. */
  public long dropped(DropReason reason) {
    return drops.getOrDefault(reason, 0L);
  }

  /** How often its endpoint changed in this way. */
  public long moved(EndpointChange change) {
    return moves.getOrDefault(change, 0L);
  }
}
