package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_MESSAGES;
import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_TIME;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_AFTER_MESSAGES;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import org.jspecify.annotations.Nullable;

/** One session: both transport keys, our counter, and the window over the peer's (paper 5.4.6). */
final class Keypair {

  final boolean initiator;
  final int localIndex;
  private final int remoteIndex;
  private final long createdNanos;
  private final Aead sending;
  private final Aead receiving;
  private long sendCounter;

  /** Made with the first packet: many sessions of idle devices never see one. */
  private @Nullable ReplayWindow replay;

  /** Copies the keys and wipes the originals. */
  Keypair(SessionKeys keys, CryptoProvider crypto, long nowNanos) {
    this.initiator = keys.initiator;
    this.localIndex = keys.localIndex;
    this.remoteIndex = keys.remoteIndex;
    this.createdNanos = nowNanos;
    this.sending = crypto.aead(keys.sending);
    this.receiving = crypto.aead(keys.receiving);
    keys.wipe();
  }

  long ageNanos(long nowNanos) {
    return nowNanos - createdNanos;
  }

  boolean isExpired(long nowNanos) {
    return ageNanos(nowNanos) >= REJECT_AFTER_TIME;
  }

  boolean maySend(long nowNanos) {
    return !isExpired(nowNanos) && Long.compareUnsigned(sendCounter, REJECT_AFTER_MESSAGES) < 0;
  }

  /** Paper 6.2: so much was sent that it is time for new keys, whoever made these. */
  boolean isUsedUp() {
    return Long.compareUnsigned(sendCounter, REKEY_AFTER_MESSAGES) > 0;
  }

  /** Writes a whole transport message to the start of {@code out}; returns its length. */
  int seal(byte[] packet, int length, byte[] out) {
    long counter = sendCounter++;
    Message.writeInt(out, 0, Message.TRANSPORT);
    Message.writeInt(out, Message.RECEIVER, remoteIndex);
    Message.writeLong(out, Message.TRANSPORT_COUNTER, counter);
    return Message.TRANSPORT_PACKET
        + sending.seal(counter, packet, 0, length, out, Message.TRANSPORT_PACKET);
  }

  /** Decrypts a transport message to the start of {@code out}; -1 when it is not authentic. */
  int open(byte[] message, int length, byte[] out) {
    long counter = Message.readLong(message, Message.TRANSPORT_COUNTER);
    int sealed = length - Message.TRANSPORT_PACKET;
    return receiving.open(counter, message, Message.TRANSPORT_PACKET, sealed, out, 0);
  }

  /** Whether an authentic message's counter is new; it is then taken as seen. */
  boolean acceptCounter(long counter) {
    if (replay == null) {
      replay = new ReplayWindow();
    }
    return replay.accept(counter);
  }

  /** For tests of the counter limits. */
  void sendCounter(long counter) {
    sendCounter = counter;
  }

  void destroy() {
    sending.destroy();
    receiving.destroy();
  }
}
