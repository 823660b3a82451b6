package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.COOKIE_USABLE_TIME;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** mac1 and mac2 of the handshake messages to one peer, and its cookies (paper 5.4.4, 5.4.7). */
final class Macs {

  private final byte[] mac1Key;
  private final byte[] cookieKey;
  private final byte[] lastMac1 = new byte[Blake2s.MAC_BYTES];
  private boolean awaitsCookie;
  private final byte[] cookie = new byte[Blake2s.MAC_BYTES];
  private boolean hasCookie;
  private long cookieNanos;

  Macs(byte[] remotePublic) {
    mac1Key = mac1Key(remotePublic);
    cookieKey = cookieKey(remotePublic);
  }

  static byte[] mac1Key(byte[] responderPublic) {
    return Blake2s.hash("mac1----".getBytes(StandardCharsets.US_ASCII), responderPublic);
  }

  static byte[] cookieKey(byte[] responderPublic) {
    return Blake2s.hash("cookie--".getBytes(StandardCharsets.US_ASCII), responderPublic);
  }

  /** Fills the last 32 bytes of an initiation or response, and awaits a cookie reply to it. */
  void sign(byte[] message, long nowNanos) {
    stamp(message, nowNanos);
    int mac1 = message.length - 2 * Blake2s.MAC_BYTES;
    System.arraycopy(message, mac1, lastMac1, 0, Blake2s.MAC_BYTES);
    awaitsCookie = true;
  }

  /** Fills the last 32 bytes of a message; its sender looks after cookie replies itself. */
  void stamp(byte[] message, long nowNanos) {
    int mac1 = message.length - 2 * Blake2s.MAC_BYTES;
    System.arraycopy(Blake2s.mac(mac1Key, message, 0, mac1), 0, message, mac1, Blake2s.MAC_BYTES);
    if (hasCookie && nowNanos - cookieNanos < COOKIE_USABLE_TIME) {
      int mac2 = mac1 + Blake2s.MAC_BYTES;
      System.arraycopy(Blake2s.mac(cookie, message, 0, mac2), 0, message, mac2, Blake2s.MAC_BYTES);
    }
  }

  /**
   * Keeps the cookie of a reply to the last message that we signed.
   *
   * @return false when it is no such reply
   */
  boolean consumeCookieReply(byte[] reply, long nowNanos) {
    if (!awaitsCookie || !openCookieReply(reply, lastMac1, nowNanos)) {
      return false;
    }
    awaitsCookie = false;
    return true;
  }

  /**
   * Keeps the cookie of a reply to the message that has this mac1.
   *
   * @return false when it is no such reply
   */
  boolean openCookieReply(byte[] reply, byte[] mac1, long nowNanos) {
    byte[] fresh = new byte[Blake2s.MAC_BYTES];
    if (!XChaCha20Poly1305.open(
        cookieKey,
        reply,
        Message.COOKIE_NONCE,
        mac1,
        reply,
        Message.COOKIE_SEALED,
        fresh.length + Aead.TAG_BYTES,
        fresh)) {
      return false;
    }
    System.arraycopy(fresh, 0, cookie, 0, fresh.length);
    hasCookie = true;
    cookieNanos = nowNanos;
    return true;
  }

  void wipe() {
    hasCookie = false;
    awaitsCookie = false;
    Arrays.fill(cookie, (byte) 0);
  }
}
