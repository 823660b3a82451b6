package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;

import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.crypto.Blake2s;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rescue of a peer whose clock went back, as after a reboot without one: its initiations are
 * stale and never accepted, so we send one of ours, the probe, to where a stale one came from.
 *
 * <p>Only the holder of the peer's private key can answer the probe. Until then nothing is
 * committed: handshake slot, sessions, endpoint, timers and the greatest timestamp are as they
 * were, so whoever replays an old initiation gets nothing but a datagram.
 */
final class ReverseHandshake {

  /** How long a probe waits for its response; it is not repeated. */
  static final long PROBE_LIFE = REKEY_TIMEOUT;

  private final Peer peer;
  private final WireGuardCore core;
  private final boolean enabled;
  private final ReverseBackoff backoff = new ReverseBackoff();

  private @Nullable OutgoingInitiation probe;
  private boolean sentWhileAlive;
  private boolean awaitsCookie;

  /** Of the last probe, answered or not. */
  private @Nullable InetSocketAddress destination;

  private long sentAt = NEVER;

  private byte[] lastAccepted = new byte[0];
  private byte[] lastReversed = new byte[0];
  private boolean rescued;

  ReverseHandshake(Peer peer, WireGuardCore core, boolean enabled) {
    this.peer = peer;
    this.core = core;
    this.enabled = enabled;
  }

  /** An initiation with a fresh timestamp was accepted. */
  void accepted(IncomingInitiation initiation) {
    lastAccepted = initiation.remoteEphemeral;
  }

  /** Whether this is a repeat of the last one that was accepted, as a network makes them. */
  boolean isLastAccepted(IncomingInitiation initiation) {
    return Arrays.equals(initiation.remoteEphemeral, lastAccepted);
  }

  /** A session that came of a fresh timestamp was used by the peer: its clock is well. */
  void freshHandshakeConfirmed() {
    backoff.reset();
    rescued = false;
  }

  /**
   * Whether the peer's last session but for rekeys came of a probe. Its own initiations would be
   * stale again, so ours must come before them.
   */
  boolean isRescued() {
    return rescued;
  }

  /** Until when no other initiation should go to this address. */
  long quietUntil(@Nullable InetSocketAddress address) {
    return sentAt != NEVER && address != null && address.equals(destination)
        ? sentAt + REKEY_TIMEOUT
        : Long.MIN_VALUE;
  }

  /** A stale, otherwise valid initiation was dropped; sends a probe when nothing speaks against. */
  void consider(IncomingInitiation stale, InetSocketAddress source, int socket, long now) {
    expire(now);
    if (!enabled
        || !peer.mathematics.isPossible()
        || isLastAccepted(stale)
        || Arrays.equals(stale.remoteEphemeral, lastReversed)
        || now < quietUntil(source)
        || peer.handshakes.initiatedRecently(source, now)) {
      return;
    }
    boolean alive = peer.transport.isAlive(now);
    ReverseSuppression refusal = backoff.refusal(alive, peer.isEndpointHost(source), now);
    if (refusal == null) {
      refusal = core.shared.reverseLimits.take(source.getAddress(), now);
    }
    if (refusal != null) {
      peer.output.reverseSuppressed(refusal);
      return;
    }
    if (probe != null) {
      // Its mathematics took a while, so that it left late and has some of its time left.
      giveUp();
    }
    destination = source;
    sentAt = now;
    lastReversed = stale.remoteEphemeral;
    sentWhileAlive = alive;
    backoff.sent(now);
    if (alive) {
      backoff.lengthen();
    }
    peer.mathematics.createInitiation(
        (initiation, then) -> send(initiation, source, socket, now, then));
  }

  /** The mathematics is done; false when another probe took its place. */
  private boolean send(
      OutgoingInitiation initiation, InetSocketAddress to, int socket, long considered, long now) {
    if (sentAt != considered) {
      return false;
    }
    probe = initiation;
    sentAt = now;
    awaitsCookie = true;
    peer.handshakes.macs.stamp(initiation.message, now);
    peer.output.datagram(initiation.message, initiation.message.length, to, socket);
    peer.output.reverseSent(to);
    return true;
  }

  /** The probe that this index names; null when it is not that of a living one. */
  @Nullable OutgoingInitiation find(int index, long now) {
    OutgoingInitiation initiation = probe;
    return initiation != null && initiation.localIndex == index && now < deadline()
        ? initiation
        : null;
  }

  /** A valid response to the probe came in; its index names the session from here on. */
  void answered(long now) {
    probe = null;
    rescued = true;
    if (!sentWhileAlive) {
      backoff.reset();
    }
    peer.output.reverseAnswered(now - sentAt);
  }

  /**
   * Keeps the cookie of a reply to the probe for the next message; false when it is not one.
   *
   * @param initiation from {@link #find}
   */
  boolean consumeCookieReply(OutgoingInitiation initiation, byte[] reply, long now) {
    int mac1 = Message.INITIATION_BYTES - 2 * Blake2s.MAC_BYTES;
    byte[] signed = Arrays.copyOfRange(initiation.message, mac1, mac1 + Blake2s.MAC_BYTES);
    if (!awaitsCookie || !peer.handshakes.macs.openCookieReply(reply, signed, now)) {
      return false;
    }
    awaitsCookie = false;
    return true;
  }

  /** When the probe is given up; {@link Constants#NEVER} without one. */
  long deadline() {
    return probe == null ? NEVER : sentAt + PROBE_LIFE;
  }

  /** Gives the probe up when its time has come. */
  void expire(long now) {
    if (deadline() <= now) {
      giveUp();
    }
  }

  private void giveUp() {
    wipe();
    if (!sentWhileAlive) {
      backoff.lengthen();
    }
    peer.output.reverseUnanswered();
  }

  /** Forgets the probe. */
  void wipe() {
    if (probe != null) {
      core.indices.free(probe.localIndex);
      probe.wipe();
      probe = null;
    }
  }
}
