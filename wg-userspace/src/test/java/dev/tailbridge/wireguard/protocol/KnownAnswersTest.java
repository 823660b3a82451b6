package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.Providers;
import dev.tailbridge.wireguard.crypto.X25519;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every line of the known answers, through the same code that the endpoint runs, with each
 * provider.
 */
class KnownAnswersTest {

  private static final int INITIATOR_INDEX = 0x01020304;
  private static final int RESPONDER_INDEX = 0x0a0b0c0d;

  private final KnownAnswers vectors = new KnownAnswers();
  private CryptoProvider crypto;
  private Identity initiator;
  private Identity responder;
  private final byte[] timestamp = HexFormat.of().parseHex("400000006723a1c31e0a0000");
  private final byte[] packet =
      HexFormat.of()
          .parseHex("4500001d00010000401165cd0a0600020a060001" + "0007000700090000" + "41");

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void allVectors(CryptoProvider provider) {
    crypto = provider;
    initiator = new Identity(provider, filled(0x11, 32));
    responder = new Identity(provider, filled(0x22, 32));
    assertThat(SymmetricState.INITIAL_CHAINING_KEY).isEqualTo(vectors.get("ck0 H(CONSTRUCTION)"));
    assertThat(SymmetricState.INITIAL_HASH).isEqualTo(vectors.get("h0 H(ck0||IDENTIFIER)"));
    assertThat(initiator.publicKey).isEqualTo(vectors.get("spub_i"));
    assertThat(responder.publicKey).isEqualTo(vectors.get("spub_r"));
    assertThat(X25519.publicKey(filled(0x33, 32))).isEqualTo(vectors.get("epub_i"));
    assertThat(X25519.publicKey(filled(0x44, 32))).isEqualTo(vectors.get("epub_r"));
    assertThat(staticStatic()).isEqualTo(vectors.get("dh ss"));
    assertThat(Macs.mac1Key(responder.publicKey)).isEqualTo(vectors.get("mac1 key of r"));
    assertThat(Macs.cookieKey(responder.publicKey)).isEqualTo(vectors.get("cookie key of r"));

    OutgoingInitiation outgoing = initiation();
    assertThat(outgoing.state.chainingKey).isEqualTo(vectors.get("ck after msg1"));
    assertThat(outgoing.state.hash).isEqualTo(vectors.get("h after msg1"));
    new Macs(responder.publicKey).sign(outgoing.message, 0);
    assertThat(outgoing.message).isEqualTo(vectors.get("msg1 initiation"));

    session("psk 0x55*32: ", filled(0x55, 32));
    session("psk zero: ", null);
    cookie(outgoing.message);
    assertThat(vectors.unused()).isEmpty();
  }

  private void session(String section, byte[] presharedKey) {
    OutgoingInitiation outgoing = initiation();
    IncomingInitiation incoming =
        IncomingInitiation.open(responder, vectors.get("msg1 initiation"));
    assertThat(incoming.remoteStatic).isEqualTo(initiator.publicKey);
    assertThat(incoming.openTimestamp(staticStatic())).isTrue();
    assertThat(incoming.timestamp).isEqualTo(timestamp);
    assertThat(incoming.state.chainingKey).isEqualTo(vectors.get("ck after msg1"));
    assertThat(incoming.state.hash).isEqualTo(vectors.get("h after msg1"));

    byte[] response = new byte[Message.RESPONSE_BYTES];
    SessionKeys ofResponder =
        incoming.respond(presharedKey, filled(0x44, 32), RESPONDER_INDEX, response);
    new Macs(initiator.publicKey).sign(response, 0);
    assertThat(response).isEqualTo(vectors.get(section + "msg2 response"));
    assertThat(incoming.state.chainingKey).isEqualTo(vectors.get(section + "ck final"));

    SessionKeys ofInitiator = outgoing.consumeResponse(initiator, presharedKey, response);
    assertThat(ofInitiator.remoteIndex).isEqualTo(RESPONDER_INDEX);
    assertThat(ofResponder.remoteIndex).isEqualTo(INITIATOR_INDEX);
    byte[] toResponder = vectors.get(section + "key i->r");
    byte[] toInitiator = vectors.get(section + "key r->i");
    assertThat(ofInitiator.sending).isEqualTo(toResponder);
    assertThat(ofInitiator.receiving).isEqualTo(toInitiator);
    assertThat(ofResponder.sending).isEqualTo(toInitiator);
    assertThat(ofResponder.receiving).isEqualTo(toResponder);

    Keypair i = new Keypair(ofInitiator, crypto, 0);
    Keypair r = new Keypair(ofResponder, crypto, 0);
    byte[] padded = Arrays.copyOf(packet, 32);
    transport(i, r, vectors.get(section + "i->r keepalive, ctr 0"), new byte[0]);
    transport(i, r, vectors.get(section + "i->r 29-byte IPv4, ctr 1"), padded);
    transport(r, i, vectors.get(section + "r->i keepalive, ctr 0"), new byte[0]);
  }

  private static void transport(Keypair from, Keypair to, byte[] message, byte[] plain) {
    byte[] sealed = new byte[message.length];
    assertThat(from.seal(plain, plain.length, sealed)).isEqualTo(message.length);
    assertThat(sealed).isEqualTo(message);
    byte[] opened = new byte[plain.length];
    assertThat(to.open(message, message.length, opened)).isEqualTo(plain.length);
    assertThat(opened).isEqualTo(plain);
  }

  /** The reply is made here by hand, as a responder under load would. */
  private void cookie(byte[] initiationWithMac1) {
    String section = "cookie: ";
    byte[] source = HexFormat.of().parseHex("c0000207" + "ca6c");
    byte[] cookie = Blake2s.mac(filled(0x66, 32), source, 0, source.length);
    assertThat(cookie).isEqualTo(vectors.get(section + "cookie"));

    byte[] reply = new byte[Message.COOKIE_REPLY_BYTES];
    Message.writeInt(reply, 0, Message.COOKIE_REPLY);
    Message.writeInt(reply, Message.RECEIVER, INITIATOR_INDEX);
    for (int i = 0; i < XChaCha20Poly1305.NONCE_BYTES; i++) {
      reply[Message.COOKIE_NONCE + i] = (byte) i;
    }
    byte[] mac1 = Arrays.copyOfRange(initiationWithMac1, 116, 132);
    XChaCha20Poly1305.seal(
        Macs.cookieKey(responder.publicKey),
        reply,
        Message.COOKIE_NONCE,
        mac1,
        cookie,
        reply,
        Message.COOKIE_SEALED);
    assertThat(reply).isEqualTo(vectors.get(section + "cookie reply"));

    Macs macs = new Macs(responder.publicKey);
    byte[] message = Arrays.copyOf(initiationWithMac1, Message.INITIATION_BYTES);
    macs.sign(message, 0);
    assertThat(macs.consumeCookieReply(reply, 0)).isTrue();
    macs.sign(message, 0);
    // Both macs: the last 32 bytes.
    assertThat(Arrays.copyOfRange(message, 116, 148))
        .isEqualTo(vectors.get(section + "msg1 with mac2"));
  }

  private OutgoingInitiation initiation() {
    return OutgoingInitiation.create(
        initiator,
        responder.publicKey,
        staticStatic(),
        filled(0x33, 32),
        timestamp,
        INITIATOR_INDEX);
  }

  private byte[] staticStatic() {
    byte[] shared = new byte[32];
    assertThat(crypto.agree(initiator.privateKey, responder.publicKey, shared)).isTrue();
    return shared;
  }

  private static byte[] filled(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
