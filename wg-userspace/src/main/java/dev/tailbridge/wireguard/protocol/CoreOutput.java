package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;
import java.util.function.LongConsumer;

/** Takes what comes out of a {@link WireGuardCore} and belongs to no peer. */
public interface CoreOutput {

  /**
   * Runs work on the core's own thread with the time of then: soon, in the order of the calls. The
   * one method that any thread may call.
   */
  void resume(LongConsumer work);

  /** A datagram to send that answers one; the array is lent for the time of the call. */
  void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket);

  void dropped(DropReason reason);

  /** A valid initiation from a key that is no peer; {@link #dropped} follows. */
  void unknownKey(PublicKey key, InetSocketAddress source);

  /** A handshake message for another public key than ours, or junk; {@link #dropped} follows. */
  default void wrongMac1(InetSocketAddress source) {}

  /**
   * From now on senders of handshake messages must prove their address first, or need not any more.
   * Told once for all cores of an interface.
   */
  default void cookieMode(boolean on) {}
}
