package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.crypto.X25519;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An initiation that arrived, from its decryption to our response (paper 5.4.2 and 5.4.3,
 * responder's side).
 *
 * <p>Pure mathematics over its own state: nothing about the peer changes here. The steps are {@link
 * #open}, {@link #openTimestamp}, {@link #respond}, in this order, and {@link #wipe} at the end.
 */
final class IncomingInitiation {

  private static final byte[] NO_PRESHARED_KEY = new byte[32];

  final SymmetricState state;

  /** Who claims to have sent this; proven only by {@link #openTimestamp}. */
  final byte[] remoteStatic = new byte[X25519.KEY_BYTES];

  /** Valid after {@link #openTimestamp}. */
  final byte[] timestamp = new byte[Tai64n.BYTES];

  /** New in every initiation, so a repeat shows. */
  final byte[] remoteEphemeral;

  private final byte[] message;

  private IncomingInitiation(byte[] datagram, SymmetricState state) {
    this.message = Arrays.copyOf(datagram, Message.INITIATION_BYTES);
    this.state = state;
    this.remoteEphemeral =
        Arrays.copyOfRange(
            message, Message.INITIATION_EPHEMERAL, Message.INITIATION_EPHEMERAL + X25519.KEY_BYTES);
  }

  /** Decrypts the sender's static key; null when the message is not for us or not valid. */
  static @Nullable IncomingInitiation open(Identity identity, byte[] datagram) {
    var initiation =
        new IncomingInitiation(datagram, SymmetricState.start(identity.crypto, identity.publicKey));
    byte[] key = new byte[Aead.KEY_BYTES];
    initiation.state.mixEphemeral(initiation.remoteEphemeral);
    boolean valid =
        initiation.state.mixAgreement(identity.privateKey, initiation.remoteEphemeral, key)
            && initiation.state.openAndHash(
                key, initiation.message, Message.INITIATION_STATIC, initiation.remoteStatic);
    Arrays.fill(key, (byte) 0);
    if (!valid) {
      initiation.wipe();
      return null;
    }
    return initiation;
  }

  /** Decrypts the timestamp, which proves the sender's static key (given its agreement, ss). */
  boolean openTimestamp(byte[] staticStatic) {
    byte[] key = new byte[Aead.KEY_BYTES];
    state.mixSecret(staticStatic, key);
    boolean valid = state.openAndHash(key, message, Message.INITIATION_TIMESTAMP, timestamp);
    Arrays.fill(key, (byte) 0);
    return valid;
  }

  /**
   * Fills {@code response} (all but its macs) and derives the session.
   *
   * @param ephemeralPrivate wiped here
   * @return null when one of the sender's keys is of low order
   */
  @Nullable SessionKeys respond(
      byte @Nullable [] presharedKey, byte[] ephemeralPrivate, int localIndex, byte[] response) {
    int remoteIndex = Message.readInt(message, Message.SENDER);
    byte[] key = new byte[Aead.KEY_BYTES];
    byte[] ephemeral = X25519.publicKey(ephemeralPrivate);
    Message.writeInt(response, 0, Message.RESPONSE);
    Message.writeInt(response, Message.SENDER, localIndex);
    Message.writeInt(response, Message.RESPONSE_RECEIVER, remoteIndex);
    System.arraycopy(ephemeral, 0, response, Message.RESPONSE_EPHEMERAL, ephemeral.length);
    state.mixEphemeral(ephemeral);
    SessionKeys keys = null;
    if (state.mixAgreement(ephemeralPrivate, remoteEphemeral, key)
        && state.mixAgreement(ephemeralPrivate, remoteStatic, key)) {
      state.mixPresharedKey(presharedKey == null ? NO_PRESHARED_KEY : presharedKey, key);
      state.sealAndHash(key, new byte[0], response, Message.RESPONSE_EMPTY);
      keys = SessionKeys.ofResponder(state, localIndex, remoteIndex);
    }
    Arrays.fill(ephemeralPrivate, (byte) 0);
    Arrays.fill(key, (byte) 0);
    return keys;
  }

  void wipe() {
    state.wipe();
  }
}
