package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.crypto.X25519;

/** Makes valid initiations of a device with any timestamp, each with an ephemeral of its own. */
final class Initiations {

  /** A clock that starts at boot: some seconds after 1970. */
  static final byte[] BOOT_CLOCK = Tai64n.encode(12, 0);

  private final SeededSecureRandom random = new SeededSecureRandom(77);
  private final Identity identity;
  private final byte[] server;
  private final byte[] staticStatic = new byte[X25519.KEY_BYTES];

  Initiations(PrivateKey device, PublicKey server) {
    this.identity = new Identity(CryptoProviders.bouncyCastle(), device.bytes());
    this.server = server.bytes();
    X25519.agree(identity.privateKey, this.server, staticStatic);
  }

  byte[] stale() {
    return at(BOOT_CLOCK);
  }

  byte[] at(byte[] timestamp) {
    return opening(timestamp).message;
  }

  Identity identity() {
    return identity;
  }

  /** With what it takes to consume the response. */
  OutgoingInitiation opening(byte[] timestamp) {
    OutgoingInitiation initiation =
        OutgoingInitiation.create(
            identity,
            server,
            staticStatic,
            X25519.generatePrivateKey(random),
            timestamp,
            random.nextInt());
    new Macs(server).sign(initiation.message, 0);
    return initiation;
  }

  /** A message again, with the cookie of the reply to it. */
  byte[] prove(byte[] message, byte[] cookieReply) {
    Macs macs = new Macs(server);
    byte[] again = message.clone();
    macs.sign(again, 0);
    if (!macs.consumeCookieReply(cookieReply, 0)) {
      throw new IllegalArgumentException("no reply to this message");
    }
    macs.sign(again, 0);
    return again;
  }

  /** A message that was altered, with a valid mac1. */
  byte[] signed(byte[] message) {
    byte[] again = message.clone();
    new Macs(server).sign(again, 0);
    return again;
  }
}
