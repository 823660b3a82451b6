package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.time.Duration;
import java.util.Arrays;

/**
 * Any datagram at a peer in session: silence (M3), unless it is authentic to the last byte.
 *
 * <p>Normal builds run the inputs in {@code DatagramFuzzTestInputs}; CONTRIBUTING.md says how to
 * fuzz. Invalid input changes nothing, so all inputs share one pair.
 */
class DatagramFuzzTest {

  private static final Pair PAIR = Pair.inSession(1);
  private static final byte[] INITIATION;
  private static final byte[] RESPONSE;
  private static final byte[] COOKIE_REPLY;
  private static final byte[] TRANSPORT;

  static {
    PAIR.clock.advance(Duration.ofSeconds(6));
    PAIR.wire.detach(Pair.SERVER);
    PAIR.device.send(Pair.toServer(1));
    TRANSPORT = PAIR.wire.takeSent().get(0).bytes();
    PAIR.device.act(PAIR.device.peer::initiate);
    INITIATION = PAIR.wire.takeSent().get(0).bytes();
    // Answered by somebody who has the server's keys, so that the server itself stays as it is.
    RESPONSE = new byte[Message.RESPONSE_BYTES];
    IncomingInitiation opened = IncomingInitiation.open(PAIR.server.shared.identity, INITIATION);
    PAIR.server.peer.mathematics.openTimestamp(opened);
    byte[] ephemeral = new byte[32];
    ephemeral[31] = 64;
    opened.respond(null, ephemeral, 77, RESPONSE);
    new Macs(PAIR.device.key.publicKey().bytes()).sign(RESPONSE, 0);
    COOKIE_REPLY = new byte[Message.COOKIE_REPLY_BYTES];
    Message.writeInt(COOKIE_REPLY, 0, Message.COOKIE_REPLY);
    Message.writeInt(COOKIE_REPLY, Message.RECEIVER, Message.readInt(INITIATION, Message.SENDER));
    XChaCha20Poly1305.seal(
        Macs.cookieKey(PAIR.server.key.publicKey().bytes()),
        COOKIE_REPLY,
        Message.COOKIE_NONCE,
        Arrays.copyOfRange(INITIATION, 116, 132),
        new byte[16],
        COOKIE_REPLY,
        Message.COOKIE_SEALED);
  }

  private static byte[] limited(byte[] input) {
    return Arrays.copyOf(input, Math.min(input.length, WireGuardCore.MAX_DATAGRAM_BYTES));
  }

  @FuzzTest
  void anything(byte[] datagram) {
    RejectionTest.assertSilence(PAIR.server, limited(datagram), DropReason.values());
    RejectionTest.assertSilence(PAIR.device, limited(datagram), DropReason.values());
  }

  /** The input is pairs of a position and what to change there, in genuine messages. */
  @FuzzTest
  void genuineMessagesWithChanges(byte[] changes) {
    byte[] signed = changed(INITIATION, changes, false);
    if (!Arrays.equals(INITIATION, 0, 132, signed, 0, 132)) {
      RejectionTest.assertSilence(PAIR.server, signed, DropReason.values());
    }
    signed = changed(INITIATION, changes, true);
    if (isChanged(INITIATION, signed, 116)) {
      RejectionTest.assertSilence(PAIR.server, signed, DropReason.values());
    }
    signed = changed(RESPONSE, changes, false);
    if (!Arrays.equals(RESPONSE, 0, 76, signed, 0, 76)) {
      RejectionTest.assertSilence(PAIR.device, signed, DropReason.values());
    }
    signed = changed(RESPONSE, changes, true);
    if (isChanged(RESPONSE, signed, 60)) {
      RejectionTest.assertSilence(PAIR.device, signed, DropReason.values());
    }
    byte[] sealed = changed(COOKIE_REPLY, changes, false);
    if (!Arrays.equals(COOKIE_REPLY, sealed)) {
      RejectionTest.assertSilence(PAIR.device, sealed, DropReason.values());
    }
    sealed = changed(TRANSPORT, changes, false);
    if (!Arrays.equals(TRANSPORT, sealed)) {
      RejectionTest.assertSilence(PAIR.server, sealed, DropReason.values());
    }
  }

  /** The sender's index is nobody's secret and bound by mac1 alone: it does not count. */
  private static boolean isChanged(byte[] message, byte[] changed, int authenticated) {
    return !Arrays.equals(message, 0, 4, changed, 0, 4)
        || !Arrays.equals(message, 8, authenticated, changed, 8, authenticated);
  }

  private static byte[] changed(byte[] message, byte[] changes, boolean signAgain) {
    byte[] changed = message.clone();
    for (int i = 0; i + 1 < changes.length; i += 2) {
      changed[(changes[i] & 0xff) % changed.length] ^= changes[i + 1];
    }
    if (signAgain) {
      boolean toServer = message.length == Message.INITIATION_BYTES;
      SimulatedEndpoint receiver = toServer ? PAIR.server : PAIR.device;
      new Macs(receiver.key.publicKey().bytes()).sign(changed, 0);
    }
    return changed;
  }

  /**
   * What an authentic peer may put inside: delivered whole and from its own address, or dropped.
   */
  @FuzzTest
  void anythingInside(byte[] input) {
    byte[] inside = Arrays.copyOf(input, Math.min(input.length, WireGuardCore.MTU));
    byte[] message = new byte[WireGuardCore.MAX_DATAGRAM_BYTES];
    int length = PAIR.device.keypairs().current().seal(inside, inside.length, message);
    PAIR.server.packets.clear();
    PAIR.server.drops.clear();
    PAIR.server.receive(Arrays.copyOf(message, length), Pair.DEVICE);
    boolean owned =
        inside.length >= 20
            && inside[0] >>> 4 == 4
            && Arrays.equals(inside, 12, 16, new byte[] {10, 6, 0, 2}, 0, 4);
    int total = owned ? (inside[2] & 0xff) << 8 | (inside[3] & 0xff) : 0;
    if (owned && total >= 20 && total <= inside.length) {
      assertThat(PAIR.server.packets).containsExactly(Arrays.copyOf(inside, total));
      assertThat(PAIR.server.drops).isEmpty();
    } else {
      assertThat(PAIR.server.packets).isEmpty();
      assertThat(PAIR.server.drops).hasSize(inside.length == 0 ? 0 : 1);
    }
    PAIR.wire.takeSent();
  }
}
