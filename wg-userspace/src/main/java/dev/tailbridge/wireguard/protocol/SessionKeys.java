package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.Aead;
import java.util.Arrays;

/** The result of a handshake: both transport keys, as seen from our side (paper 5.4.5). */
final class SessionKeys {

  final boolean initiator;
  final int localIndex;
  final int remoteIndex;
  final byte[] sending = new byte[Aead.KEY_BYTES];
  final byte[] receiving = new byte[Aead.KEY_BYTES];

  private SessionKeys(boolean initiator, int localIndex, int remoteIndex) {
    this.initiator = initiator;
    this.localIndex = localIndex;
    this.remoteIndex = remoteIndex;
  }

  static SessionKeys ofInitiator(SymmetricState state, int localIndex, int remoteIndex) {
    SessionKeys keys = new SessionKeys(true, localIndex, remoteIndex);
    state.split(keys.sending, keys.receiving);
    return keys;
  }

  static SessionKeys ofResponder(SymmetricState state, int localIndex, int remoteIndex) {
    SessionKeys keys = new SessionKeys(false, localIndex, remoteIndex);
    state.split(keys.receiving, keys.sending);
    return keys;
  }

  void wipe() {
    Arrays.fill(sending, (byte) 0);
    Arrays.fill(receiving, (byte) 0);
  }
}
