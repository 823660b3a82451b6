package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.X25519;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The expensive steps of a peer's handshakes, with the keys that they need.
 *
 * <ul>
 *   <li>They are done by {@link HandshakeWorkers} and touch nothing of the peer. The result comes
 *       back on the peer's thread, by which time much may have changed: whoever takes it says
 *       whether it is still wanted. If not it is wiped, and its index freed.
 *   <li>Of a peer that was removed meanwhile nothing comes back.
 * </ul>
 */
final class PeerMathematics {

  /** Takes a new initiation over; false when it is not wanted any more. */
  interface Created {
    boolean accept(OutgoingInitiation initiation, long now);
  }

  /** Takes a response, without its macs, and its session over; false when not wanted any more. */
  interface Responded {
    boolean accept(byte[] response, SessionKeys keys, long now);
  }

  /** Takes the session of a response over, null when that was not valid; false when not wanted. */
  interface Answered {
    boolean accept(@Nullable SessionKeys keys, long now);
  }

  private final Peer peer;
  private final WireGuardCore core;
  private final byte[] remotePublic;
  private final byte @Nullable [] presharedKey;

  /** The agreement of both static keys; null when the peer's is of low order. */
  private final byte @Nullable [] staticStatic;

  PeerMathematics(
      Peer peer, WireGuardCore core, byte[] remotePublic, byte @Nullable [] presharedKey) {
    this.peer = peer;
    this.core = core;
    this.remotePublic = remotePublic;
    this.presharedKey = presharedKey;
    byte[] shared = new byte[X25519.KEY_BYTES];
    Identity identity = core.shared.identity;
    this.staticStatic =
        identity.crypto.agree(identity.privateKey, remotePublic, shared) ? shared : null;
  }

  /** Whether the peer's key is of use: with one of low order there is no handshake. */
  boolean isPossible() {
    return staticStatic != null;
  }

  /**
   * Whether an initiation that names this peer comes from it: nothing is believed before its
   * timestamp opened. From any thread, at once.
   */
  boolean openTimestamp(IncomingInitiation initiation) {
    return staticStatic != null && initiation.openTimestamp(staticStatic);
  }

  /** Makes an initiation, without its macs; it has an index of its own. */
  void createInitiation(Created created) {
    byte[] agreement = Objects.requireNonNull(staticStatic);
    int index = core.indices.allocate(peer);
    byte[] timestamp = core.shared.timestamps.next();
    core.shared.workers.executeFirst(
        started -> {
          OutgoingInitiation made =
              OutgoingInitiation.create(
                  core.shared.identity,
                  remotePublic,
                  agreement,
                  X25519.generatePrivateKey(core.shared.random),
                  timestamp,
                  index);
          Runnable discard =
              () -> {
                core.indices.free(index);
                if (made != null) {
                  made.wipe();
                }
              };
          peer.resume(
              now -> {
                if (made == null || !created.accept(made, now)) {
                  discard.run();
                }
              },
              discard);
        });
  }

  /** Makes the response to an initiation that was accepted, and takes the initiation over. */
  void respond(IncomingInitiation initiation, Responded responded) {
    int index = core.indices.allocate(peer);
    core.shared.workers.executeFirst(
        started -> {
          byte[] response = new byte[Message.RESPONSE_BYTES];
          byte[] ephemeral = X25519.generatePrivateKey(core.shared.random);
          SessionKeys keys = initiation.respond(presharedKey, ephemeral, index, response);
          initiation.wipe();
          Runnable discard =
              () -> {
                core.indices.free(index);
                wipe(keys);
              };
          peer.resume(
              now -> {
                if (keys == null) {
                  peer.output.dropped(DropReason.INVALID_INITIATION);
                  discard.run();
                } else if (!responded.accept(response, keys, now)) {
                  peer.output.dropped(DropReason.SUPERSEDED);
                  discard.run();
                }
              },
              () -> {
                peer.output.dropped(DropReason.PEER_REMOVED);
                discard.run();
              });
        });
  }

  /**
   * Computes what a response to an initiation of ours leads to.
   *
   * @param admittedNanos when the response was admitted to {@link HandshakeLoad}
   */
  void consumeResponse(
      OutgoingInitiation initiation, byte[] response, long admittedNanos, Answered answered) {
    // Of its own, because the initiation may be wiped while the answer is computed.
    OutgoingInitiation copy = initiation.copy();
    core.shared.workers.execute(
        started -> {
          core.shared.load.started(admittedNanos, started);
          SessionKeys keys = copy.consumeResponse(core.shared.identity, presharedKey, response);
          copy.wipe();
          peer.resume(
              now -> {
                if (!answered.accept(keys, now)) {
                  wipe(keys);
                }
              },
              () -> {
                peer.output.dropped(DropReason.PEER_REMOVED);
                wipe(keys);
              });
        });
  }

  private static void wipe(@Nullable SessionKeys keys) {
    if (keys != null) {
      keys.wipe();
    }
  }

  /** Forgets the keys; the peer is gone. */
  void wipe() {
    if (staticStatic != null) {
      Arrays.fill(staticStatic, (byte) 0);
    }
    if (presharedKey != null) {
      Arrays.fill(presharedKey, (byte) 0);
    }
  }
}
