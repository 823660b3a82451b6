package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Cookies as their maker sees them. */
class CookieCheckerTest {

  private static final InetSocketAddress SOURCE = address("192.0.2.7", 51820);
  private static final InetSocketAddress IPV6_SOURCE = address("2001:db8::7", 51820);

  private final KnownAnswers vectors = new KnownAnswers();
  private final Identity responder = new Identity(CryptoProviders.bouncyCastle(), filled(0x22, 32));
  private final byte[] initiation = vectors.get("msg1 initiation");
  private final CookieChecker checker =
      new CookieChecker(responder.publicKey, new SeededSecureRandom(1));

  private static InetSocketAddress address(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static byte[] filled(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Draws the given bytes, in order. */
  private static SecureRandom scripted(byte[]... draws) {
    ByteArrayInputStream all = new ByteArrayInputStream(concat(draws));
    return new SecureRandom() {
      private static final long serialVersionUID = 1L;

      @Override
      public void nextBytes(byte[] bytes) {
        assertThat(all.readNBytes(bytes, 0, bytes.length)).isEqualTo(bytes.length);
      }
    };
  }

  private static byte[] concat(byte[]... parts) {
    StringBuilder hex = new StringBuilder();
    for (byte[] part : parts) {
      hex.append(HexFormat.of().formatHex(part));
    }
    return HexFormat.of().parseHex(hex);
  }

  /** The message again, as its sender repeats it with the cookie of the reply. */
  private byte[] proven(byte[] message, byte[] reply) {
    Macs macs = new Macs(responder.publicKey);
    byte[] again = message.clone();
    macs.sign(again, 0);
    assertThat(macs.consumeCookieReply(reply, 0)).isTrue();
    macs.sign(again, 0);
    return again;
  }

  private boolean accepts(byte[] message, InetSocketAddress source, long now) {
    return checker.hasValidMac2(message, message.length, source, now);
  }

  private byte[] provenAt(InetSocketAddress source, long now) {
    return proven(initiation, checker.reply(initiation, initiation.length, source, now));
  }

  @Test
  void knownAnswers() {
    byte[] nonce = new byte[XChaCha20Poly1305.NONCE_BYTES];
    for (int i = 0; i < nonce.length; i++) {
      nonce[i] = (byte) i;
    }
    var known = new CookieChecker(responder.publicKey, scripted(filled(0x66, 32), nonce));
    byte[] reply = known.reply(initiation, initiation.length, SOURCE, 5);
    assertThat(reply).isEqualTo(vectors.get("cookie: cookie reply"));
    byte[] macs = vectors.get("cookie: msg1 with mac2");
    System.arraycopy(macs, 0, initiation, 116, 32);
    assertThat(known.hasValidMac2(initiation, initiation.length, SOURCE, 5)).isTrue();
  }

  @Test
  void anIpv6CookieIsOfAll16BytesAndThePort() {
    byte[] nonce = new byte[XChaCha20Poly1305.NONCE_BYTES];
    var known = new CookieChecker(responder.publicKey, scripted(filled(0x66, 32), nonce));
    known.reply(initiation, initiation.length, IPV6_SOURCE, 0);
    byte[] input = HexFormat.of().parseHex("20010db8000000000000000000000007" + "ca6c");
    byte[] cookie = Blake2s.mac(filled(0x66, 32), input, 0, input.length);
    byte[] mac2 = Blake2s.mac(cookie, initiation, 0, 132);
    System.arraycopy(mac2, 0, initiation, 132, 16);
    assertThat(known.hasValidMac2(initiation, initiation.length, IPV6_SOURCE, 0)).isTrue();
  }

  @Test
  void provesOneAddressAndPortOnly() {
    for (InetSocketAddress source : new InetSocketAddress[] {SOURCE, IPV6_SOURCE}) {
      byte[] message = provenAt(source, 0);
      String host = source.getAddress().getHostAddress();
      assertThat(accepts(message, source, 0)).isTrue();
      assertThat(accepts(message, address(host, 51821), 0)).isFalse();
      assertThat(accepts(message, address(host, 51820 ^ 0x100), 0)).isFalse();
      assertThat(accepts(message, address("192.0.2.8", 51820), 0)).isFalse();
      assertThat(accepts(message, address("2001:db8::8", 51820), 0)).isFalse();
      assertThat(accepts(message, address("2001:db8:0:1::7", 51820), 0)).isFalse();
    }
  }

  @Test
  void coversTheWholeMessage() {
    byte[] message = provenAt(SOURCE, 0);
    for (int i = 0; i < message.length; i++) {
      byte[] altered = message.clone();
      altered[i] ^= 0x40;
      assertThat(accepts(altered, SOURCE, 0)).as("byte %d", i).isFalse();
    }
  }

  @Test
  void isMadeForResponsesToo() {
    byte[] response = vectors.get("psk zero: msg2 response");
    new Macs(responder.publicKey).sign(response, 0);
    byte[] reply = checker.reply(response, response.length, SOURCE, 0);
    assertThat(Message.readInt(reply, Message.RECEIVER)).isEqualTo(0x0a0b0c0d);
    assertThat(accepts(proven(response, reply), SOURCE, 0)).isTrue();
  }

  @Test
  void withoutASecretNothingIsProven() {
    assertThat(accepts(initiation, SOURCE, 0)).isFalse();
    byte[] message = provenAt(SOURCE, 0);
    assertThat(accepts(message, SOURCE, 0)).isTrue();
    checker.wipe();
    assertThat(accepts(message, SOURCE, 0)).isFalse();
    // Nor by what follows from an erased one, which anybody can compute.
    byte[] input = HexFormat.of().parseHex("c0000207" + "ca6c");
    byte[] cookie = Blake2s.mac(new byte[32], input, 0, input.length);
    System.arraycopy(Blake2s.mac(cookie, initiation, 0, 132), 0, initiation, 132, 16);
    assertThat(accepts(initiation, SOURCE, 0)).isFalse();
  }

  @Test
  void theSecretIsReplacedWhenItIs120SecondsOld() {
    long birth = 7 * Constants.SECOND;
    long end = birth + 120 * Constants.SECOND;
    byte[] early = provenAt(SOURCE, birth);
    byte[] late = provenAt(SOURCE, end - 1);
    assertThat(accepts(early, SOURCE, end - 1)).isTrue();
    assertThat(accepts(late, SOURCE, end - 1)).isTrue();
    assertThat(accepts(early, SOURCE, end)).isFalse();
    byte[] next = provenAt(SOURCE, end);
    assertThat(accepts(next, SOURCE, end)).isTrue();
    assertThat(accepts(late, SOURCE, end)).isFalse();
    // A pause makes the next secret no shorter-lived.
    byte[] muchLater = provenAt(SOURCE, end + 500 * Constants.SECOND);
    assertThat(accepts(muchLater, SOURCE, end + 620 * Constants.SECOND - 1)).isTrue();
  }

  @Test
  void everyReplyHasANonceOfItsOwn() {
    byte[] first = checker.reply(initiation, initiation.length, SOURCE, 0);
    byte[] second = checker.reply(initiation, initiation.length, SOURCE, 0);
    assertThat(Arrays.copyOfRange(first, 8, 32)).isNotEqualTo(Arrays.copyOfRange(second, 8, 32));
    assertThat(proven(initiation, first)).isEqualTo(proven(initiation, second));
  }
}
