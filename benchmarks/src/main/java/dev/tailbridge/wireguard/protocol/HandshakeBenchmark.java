package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.CryptoUnavailableException;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.crypto.X25519;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The mathematics of a handshake, step by step in both roles, macs included. The static keys'
 * agreement is made once per peer and is not part of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HandshakeBenchmark {

  private static final int INITIATOR_INDEX = 1;
  private static final int RESPONDER_INDEX = 2;

  @Param({"bouncycastle", "conscrypt"})
  public String crypto = "bouncycastle";

  private final SecureRandom random = new SecureRandom();
  private Identity initiator;
  private Identity responder;
  private Macs toInitiator;
  private Macs toResponder;
  private final byte[] timestamp = Tai64n.encode(1, 0);
  private final byte[] staticStatic = new byte[X25519.KEY_BYTES];
  private OutgoingInitiation initiation;
  private final byte[] response = new byte[Message.RESPONSE_BYTES];

  /** One handshake, whose messages are then taken over and over. */
  @Setup
  public void prepare() throws CryptoUnavailableException {
    CryptoProvider provider = CryptoProviders.select(crypto).provider();
    initiator = new Identity(provider, X25519.generatePrivateKey(random));
    responder = new Identity(provider, X25519.generatePrivateKey(random));
    toInitiator = new Macs(initiator.publicKey);
    toResponder = new Macs(responder.publicKey);
    provider.agree(initiator.privateKey, responder.publicKey, staticStatic);
    initiation = create();
    if (respondTo(initiation.message, response) == null || consumeResponse() == null) {
      throw new IllegalStateException("no handshake");
    }
  }

  /** First step, initiator: a key pair, one agreement. */
  @Benchmark
  public Object createInitiation() {
    return create();
  }

  /** Second step, responder: three agreements, a key pair, the session's keys. */
  @Benchmark
  public @Nullable Object consumeInitiationAndRespond() {
    return respondTo(initiation.message, new byte[Message.RESPONSE_BYTES]);
  }

  /** Third step, initiator: two agreements, the session's keys. */
  @Benchmark
  public @Nullable Object consumeResponse() {
    return initiator.hasValidMac1(response, response.length)
        ? initiation.consumeResponse(initiator, null, response)
        : null;
  }

  /** What junk costs that does not know our public key. */
  @Benchmark
  public boolean checkMac1() {
    return initiator.hasValidMac1(initiation.message, initiation.message.length);
  }

  private OutgoingInitiation create() {
    OutgoingInitiation created =
        OutgoingInitiation.create(
            initiator,
            responder.publicKey,
            staticStatic,
            X25519.generatePrivateKey(random),
            timestamp,
            INITIATOR_INDEX);
    if (created == null) {
      throw new IllegalStateException("low order");
    }
    toResponder.sign(created.message, 0);
    return created;
  }

  private @Nullable SessionKeys respondTo(byte[] message, byte[] into) {
    if (!responder.hasValidMac1(message, message.length)) {
      return null;
    }
    IncomingInitiation incoming = IncomingInitiation.open(responder, message);
    if (incoming == null || !incoming.openTimestamp(staticStatic)) {
      return null;
    }
    SessionKeys keys =
        incoming.respond(null, X25519.generatePrivateKey(random), RESPONDER_INDEX, into);
    toInitiator.sign(into, 0);
    return keys;
  }
}
