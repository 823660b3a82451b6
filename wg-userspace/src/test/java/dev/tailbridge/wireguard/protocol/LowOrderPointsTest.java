package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.HandshakeAead;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Points of low order make every agreement zero, so anybody can compute the keys. The messages here
 * are made with that zero and fail on nothing else.
 */
class LowOrderPointsTest {

  private static final byte[] ZERO = new byte[32];

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
      })
  void isRefusedEverywhere(String hex) {
    byte[] point = HexFormat.of().parseHex(hex);
    ephemeralOfAnInitiation(point);
    staticKeyOfAPeer(point);
    ephemeralOfAResponse(point);
  }

  /** es: the initiation's ephemeral is the point; a peer of ours is claimed as its sender. */
  private static void ephemeralOfAnInitiation(byte[] point) {
    Pair pair = new Pair(1).peers(null);
    byte[] message = new byte[Message.INITIATION_BYTES];
    SymmetricState state =
        SymmetricState.start(CryptoProviders.bouncyCastle(), pair.server.key.publicKey().bytes());
    byte[] key = startInitiation(message, point, state);
    state.sealAndHash(key, pair.device.key.publicKey().bytes(), message, Message.INITIATION_STATIC);
    deliver(pair, message);
    assertThat(pair.server.drops).containsExactly(DropReason.INVALID_INITIATION);
    assertThat(pair.wire.takeSent()).isEmpty();
  }

  /** ss (and se): a peer with such a key may be configured, and never gets anywhere. */
  private static void staticKeyOfAPeer(byte[] point) {
    Pair pair = new Pair(2);
    pair.server.peer(
        PeerConfig.of("low", PublicKey.of(point), List.of()).withEndpoint(Pair.DEVICE));
    pair.server.act(pair.server.peer::initiate);
    pair.server.send(Pair.toDevice(1));
    assertThat(pair.wire.takeSent()).isEmpty();

    byte[] ephemeralPrivate = HexFormat.of().parseHex("08" + "00".repeat(30) + "40");
    byte[] serverPublic = pair.server.key.publicKey().bytes();
    Identity forger = new Identity(CryptoProviders.bouncyCastle(), ephemeralPrivate.clone());
    byte[] message = new byte[Message.INITIATION_BYTES];
    SymmetricState state = SymmetricState.start(CryptoProviders.bouncyCastle(), serverPublic);
    Message.writeInt(message, 0, Message.INITIATION);
    System.arraycopy(forger.publicKey, 0, message, Message.INITIATION_EPHEMERAL, 32);
    state.mixEphemeral(forger.publicKey);
    byte[] key = new byte[32];
    assertThat(state.mixAgreement(ephemeralPrivate, serverPublic, key)).isTrue();
    state.sealAndHash(key, point, message, Message.INITIATION_STATIC);
    state.mixSecret(ZERO, key);
    byte[] timestamp = new byte[12];
    timestamp[0] = 0x40;
    state.sealAndHash(key, timestamp, message, Message.INITIATION_TIMESTAMP);
    deliver(pair, message);
    assertThat(pair.server.drops).containsExactly(DropReason.INVALID_INITIATION);
    assertThat(pair.wire.takeSent()).isEmpty();
  }

  /** ee and se: the responder's ephemeral is the point. */
  private static void ephemeralOfAResponse(byte[] point) {
    Pair pair = new Pair(3).peers(null);
    pair.device.act(pair.device.peer::initiate);
    byte[] initiation = pair.wire.takeSent().get(0).bytes();
    byte[] shared = new byte[32];
    Identity server = new Identity(CryptoProviders.bouncyCastle(), pair.server.key.bytes());
    byte[] devicePublic = pair.device.key.publicKey().bytes();
    dev.tailbridge.wireguard.crypto.X25519.agree(server.privateKey, devicePublic, shared);
    IncomingInitiation incoming = IncomingInitiation.open(server, initiation);
    assertThat(incoming.openTimestamp(shared)).isTrue();

    SymmetricState state = incoming.state;
    byte[] response = new byte[Message.RESPONSE_BYTES];
    Message.writeInt(response, 0, Message.RESPONSE);
    Message.writeInt(response, Message.SENDER, 99);
    Message.writeInt(
        response, Message.RESPONSE_RECEIVER, Message.readInt(initiation, Message.SENDER));
    System.arraycopy(point, 0, response, Message.RESPONSE_EPHEMERAL, 32);
    byte[] key = new byte[32];
    state.mixEphemeral(point);
    state.mixSecret(ZERO, key);
    state.mixSecret(ZERO, key);
    state.mixPresharedKey(ZERO, key);
    HandshakeAead.seal(key, state.hash, new byte[0], response, Message.RESPONSE_EMPTY);
    new Macs(devicePublic).sign(response, 0);
    pair.device.receive(response, Pair.SERVER);
    assertThat(pair.device.drops).containsExactly(DropReason.INVALID_RESPONSE);
    assertThat(pair.device.handshakes).isZero();
  }

  private static byte[] startInitiation(byte[] message, byte[] point, SymmetricState state) {
    Message.writeInt(message, 0, Message.INITIATION);
    Message.writeInt(message, Message.SENDER, 5);
    System.arraycopy(point, 0, message, Message.INITIATION_EPHEMERAL, 32);
    state.mixEphemeral(point);
    byte[] key = new byte[Blake2s.HASH_BYTES];
    state.mixSecret(ZERO, key);
    return key;
  }

  private static void deliver(Pair pair, byte[] message) {
    new Macs(pair.server.key.publicKey().bytes()).sign(message, 0);
    pair.server.receive(message, Pair.DEVICE);
  }
}
