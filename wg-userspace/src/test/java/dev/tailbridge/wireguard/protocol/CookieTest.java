package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A responder under load answers with a cookie; ours is the side that gets it. */
class CookieTest {

  private static final byte[] COOKIE = new byte[16];

  static {
    Arrays.fill(COOKIE, (byte) 0x77);
  }

  private final Pair pair = new Pair(1).peers(null);
  private final byte[] initiation = initiate();

  private byte[] initiate() {
    pair.wire.detach(Pair.SERVER);
    pair.device.act(pair.device.peer::initiate);
    return pair.wire.takeSent().get(0).bytes();
  }

  private byte[] reply(byte[] to, byte[] cookie) {
    byte[] reply = new byte[Message.COOKIE_REPLY_BYTES];
    Message.writeInt(reply, 0, Message.COOKIE_REPLY);
    Message.writeInt(reply, Message.RECEIVER, Message.readInt(to, Message.SENDER));
    byte[] mac1 = Arrays.copyOfRange(to, to.length - 32, to.length - 16);
    XChaCha20Poly1305.seal(
        Macs.cookieKey(pair.server.key.publicKey().bytes()),
        reply,
        Message.COOKIE_NONCE,
        mac1,
        cookie,
        reply,
        Message.COOKIE_SEALED);
    return reply;
  }

  private static byte[] mac2(byte[] message) {
    return Arrays.copyOfRange(message, message.length - 16, message.length);
  }

  private void assertProves(byte[] message, byte[] cookie) {
    assertThat(mac2(message)).isEqualTo(Blake2s.mac(cookie, message, 0, message.length - 16));
  }

  @Test
  void isKeptWithoutAnAnswerAndUsedInTheNextAttemptAtItsTime() {
    long deadline = pair.device.peer.nextDeadlineNanos();
    pair.device.receive(reply(initiation, COOKIE), Pair.ELSEWHERE);
    assertThat(pair.device.drops).isEmpty();
    assertThat(pair.wire.takeSent()).isEmpty();
    assertThat(pair.device.peer.endpoint()).isEqualTo(Pair.SERVER);
    assertThat(pair.device.peer.nextDeadlineNanos()).isEqualTo(deadline);
    pair.clock.advanceTo(deadline);
    byte[] next = pair.wire.takeSent().get(0).bytes();
    assertThat(next[0]).isEqualTo((byte) Message.INITIATION);
    assertProves(next, COOKIE);
    assertThat(mac2(initiation)).containsOnly(0);
  }

  @Test
  void isGoodFor115Seconds() {
    pair.device.receive(reply(initiation, COOKIE), Pair.SERVER);
    pair.clock.advance(Duration.ofMinutes(3));
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofSeconds(10));
    List<Datagram> sent = pair.wire.takeSent();
    for (Datagram datagram : sent) {
      if (Duration.ofNanos(datagram.nanos()).compareTo(Duration.ofSeconds(115)) < 0) {
        assertProves(datagram.bytes(), COOKIE);
      } else {
        assertThat(mac2(datagram.bytes())).containsOnly(0);
      }
    }
    assertThat(sent.get(sent.size() - 1).nanos()).isGreaterThan(115 * Constants.SECOND);
  }

  @Test
  void isTakenOnlyOncePerMessageThatWeSent() {
    pair.device.receive(reply(initiation, COOKIE), Pair.SERVER);
    byte[] another = new byte[16];
    pair.device.receive(reply(initiation, another), Pair.SERVER);
    assertThat(pair.device.drops).containsExactly(DropReason.INVALID_COOKIE);
    pair.clock.advance(Duration.ofSeconds(6));
    byte[] next = pair.wire.takeSent().get(0).bytes();
    assertProves(next, COOKIE);
    pair.device.drops.clear();
    pair.device.receive(reply(initiation, another), Pair.SERVER);
    // The first attempt's index is gone with it.
    assertThat(pair.device.drops).containsExactly(DropReason.UNKNOWN_INDEX);
  }

  @Test
  void forAMessageThatWeDidNotSendIsInvalid() {
    byte[] altered = initiation.clone();
    altered[120] ^= 1;
    pair.device.receive(reply(altered, COOKIE), Pair.SERVER);
    assertThat(pair.device.drops).containsExactly(DropReason.INVALID_COOKIE);
  }
}
