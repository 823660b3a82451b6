package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.X25519;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An initiation of ours, from its making to a valid response (paper 5.4.2, initiator's side).
 *
 * <p>Pure mathematics over its own state: a response that proves invalid leaves it as it was.
 */
final class OutgoingInitiation {

  private static final byte[] NO_PRESHARED_KEY = new byte[32];

  /** The message without its macs. */
  final byte[] message;

  final int localIndex;
  final SymmetricState state;
  private final byte[] ephemeralPrivate;

  private OutgoingInitiation(
      byte[] message, int localIndex, SymmetricState state, byte[] ephemeralPrivate) {
    this.message = message;
    this.localIndex = localIndex;
    this.state = state;
    this.ephemeralPrivate = ephemeralPrivate;
  }

  /**
   * Builds the message.
   *
   * @param staticStatic the agreement of both static keys
   * @param ephemeralPrivate taken over and wiped in the end
   * @return null when the remote key is of low order
   */
  static @Nullable OutgoingInitiation create(
      Identity identity,
      byte[] remotePublic,
      byte[] staticStatic,
      byte[] ephemeralPrivate,
      byte[] timestamp,
      int localIndex) {
    SymmetricState state = SymmetricState.start(identity.crypto, remotePublic);
    byte[] message = new byte[Message.INITIATION_BYTES];
    byte[] key = new byte[Aead.KEY_BYTES];
    Message.writeInt(message, 0, Message.INITIATION);
    Message.writeInt(message, Message.SENDER, localIndex);
    byte[] ephemeral = X25519.publicKey(ephemeralPrivate);
    System.arraycopy(ephemeral, 0, message, Message.INITIATION_EPHEMERAL, ephemeral.length);
    state.mixEphemeral(ephemeral);
    var initiation = new OutgoingInitiation(message, localIndex, state, ephemeralPrivate);
    if (!state.mixAgreement(ephemeralPrivate, remotePublic, key)) {
      initiation.wipe();
      return null;
    }
    state.sealAndHash(key, identity.publicKey, message, Message.INITIATION_STATIC);
    state.mixSecret(staticStatic, key);
    state.sealAndHash(key, timestamp, message, Message.INITIATION_TIMESTAMP);
    Arrays.fill(key, (byte) 0);
    return initiation;
  }

  /** With secrets of its own: wiping one leaves the other. */
  OutgoingInitiation copy() {
    return new OutgoingInitiation(message, localIndex, state.copy(), ephemeralPrivate.clone());
  }

  /** Paper 5.4.3, initiator's side. Null when the response is not a valid answer to this. */
  @Nullable SessionKeys consumeResponse(
      Identity identity, byte @Nullable [] presharedKey, byte[] response) {
    SymmetricState next = state.copy();
    byte[] key = new byte[Aead.KEY_BYTES];
    byte[] ephemeral =
        Arrays.copyOfRange(
            response, Message.RESPONSE_EPHEMERAL, Message.RESPONSE_EPHEMERAL + X25519.KEY_BYTES);
    next.mixEphemeral(ephemeral);
    SessionKeys keys = null;
    if (next.mixAgreement(ephemeralPrivate, ephemeral, key)
        && next.mixAgreement(identity.privateKey, ephemeral, key)) {
      next.mixPresharedKey(presharedKey == null ? NO_PRESHARED_KEY : presharedKey, key);
      if (next.openAndHash(key, response, Message.RESPONSE_EMPTY, new byte[0])) {
        int remoteIndex = Message.readInt(response, Message.SENDER);
        keys = SessionKeys.ofInitiator(next, localIndex, remoteIndex);
      }
    }
    Arrays.fill(key, (byte) 0);
    next.wipe();
    return keys;
  }

  void wipe() {
    Arrays.fill(ephemeralPrivate, (byte) 0);
    state.wipe();
  }
}
