package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.SECOND;

import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;

/** Finds in a peer's handshakes what a person should hear about, and changes nothing. */
final class HandshakeDiagnosis {

  /** A device so far ahead locks itself out of servers that keep its greatest timestamp. */
  private static final long TOLERATED_AHEAD = 3600 * SECOND;

  private static final int UNCONFIRMED = 3;

  private final Peer peer;
  private final WireGuardCore core;

  /** Handshakes since the last session that the peer could not or did not finish. */
  private int unfinished;

  HandshakeDiagnosis(Peer peer, WireGuardCore core) {
    this.peer = peer;
    this.core = core;
  }

  void accepted(byte[] timestamp) {
    long ahead = ahead(timestamp);
    if (ahead > TOLERATED_AHEAD) {
      peer.output.clockAhead(ahead);
    }
  }

  void stale(byte[] timestamp, InetSocketAddress source) {
    long ahead = ahead(timestamp);
    peer.output.staleInitiation(ahead == Long.MIN_VALUE ? Long.MAX_VALUE : -ahead, source);
  }

  /**
   * We responded, and the peer has yet to use the session; or its response did not decrypt. This
   * one may still come to its end, so only those before it count.
   */
  void unfinished() {
    if (unfinished > 0 && unfinished % UNCONFIRMED == 0) {
      peer.output.handshakesUnconfirmed();
    }
    unfinished++;
  }

  void complete() {
    unfinished = 0;
  }

  /** By how much a peer's clock is ahead of ours, if its timestamps are times. */
  private long ahead(byte[] timestamp) {
    long theirs = Tai64n.unixNanos(timestamp);
    long ours = core.shared.timestamps.clockNanos();
    long difference = theirs - ours;
    boolean overflow = ((theirs ^ ours) & (theirs ^ difference)) < 0;
    return overflow ? (theirs < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : difference;
  }
}
