package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The responder's side of cookies (paper 5.4.4, 5.4.7): under load, who sends us a handshake
 * message must first prove that it receives at its address.
 *
 * <p>A cookie is a MAC of address and port under a secret of ours, so nothing is remembered per
 * source. The secret is replaced when a cookie is to be made and it is 120 s old; cookies made with
 * the old one are worth nothing from then on.
 *
 * <p>Thread-safe: one serves all event loops, so that a cookie is good on each.
 */
final class CookieChecker {

  private static final int SECRET_BYTES = 32;

  private final byte[] cookieKey;
  private final SecureRandom random;

  private final byte[] secret = new byte[SECRET_BYTES];
  private boolean hasSecret;
  private long secretNanos;

  CookieChecker(byte[] ourPublicKey, SecureRandom random) {
    this.cookieKey = Macs.cookieKey(ourPublicKey);
    this.random = random;
  }

  /** Whether an initiation or response carries a cookie that we made for its source. */
  boolean hasValidMac2(byte[] message, int length, InetSocketAddress source, long nowNanos) {
    byte[] cookie = knownCookie(source, nowNanos);
    if (cookie == null) {
      return false;
    }
    int mac2 = length - Blake2s.MAC_BYTES;
    byte[] expected = Blake2s.mac(cookie, message, 0, mac2);
    return MessageDigest.isEqual(expected, Arrays.copyOfRange(message, mac2, length));
  }

  /** A cookie reply to an initiation or response whose mac1 is valid; it goes to the source. */
  byte[] reply(byte[] message, int length, InetSocketAddress source, long nowNanos) {
    byte[] nonce = new byte[XChaCha20Poly1305.NONCE_BYTES];
    byte[] cookie = freshCookie(source, nowNanos);
    random.nextBytes(nonce);
    byte[] reply = new byte[Message.COOKIE_REPLY_BYTES];
    Message.writeInt(reply, 0, Message.COOKIE_REPLY);
    Message.writeInt(reply, Message.RECEIVER, Message.readInt(message, Message.SENDER));
    System.arraycopy(nonce, 0, reply, Message.COOKIE_NONCE, nonce.length);
    int mac1 = length - 2 * Blake2s.MAC_BYTES;
    byte[] signed = Arrays.copyOfRange(message, mac1, mac1 + Blake2s.MAC_BYTES);
    XChaCha20Poly1305.seal(cookieKey, nonce, 0, signed, cookie, reply, Message.COOKIE_SEALED);
    return reply;
  }

  /** Forgets the secret, and with it every cookie. */
  synchronized void wipe() {
    Arrays.fill(secret, (byte) 0);
    hasSecret = false;
  }

  private synchronized byte @Nullable [] knownCookie(InetSocketAddress source, long now) {
    return isSecretUsable(now) ? cookie(source) : null;
  }

  private synchronized byte[] freshCookie(InetSocketAddress source, long now) {
    if (!isSecretUsable(now)) {
      random.nextBytes(secret);
      hasSecret = true;
      secretNanos = now;
    }
    return cookie(source);
  }

  private boolean isSecretUsable(long now) {
    return hasSecret && now - secretNanos < Constants.COOKIE_SECRET_TIME;
  }

  private byte[] cookie(InetSocketAddress source) {
    byte[] address = source.getAddress().getAddress();
    byte[] input = Arrays.copyOf(address, address.length + 2);
    input[address.length] = (byte) (source.getPort() >>> 8);
    input[address.length + 1] = (byte) source.getPort();
    return Blake2s.mac(secret, input, 0, input.length);
  }
}
