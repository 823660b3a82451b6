package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A peer that is kept alive but answered nothing for so long that an attempt was given up. */
class SlowPaceTest {

  private final Pair pair = new Pair(1);

  SlowPaceTest() {
    pair.deviceKeepalive = Duration.ofSeconds(25);
    pair.wire.detach(Pair.SERVER);
    pair.peers(null);
    pair.clock.advance(Duration.ofMinutes(5));
    assertThat(pair.device.abandoned).isEqualTo(1);
    pair.wire.takeSent();
  }

  private List<Datagram> sentWithin(Duration time) {
    pair.clock.advance(time);
    return Pair.from(Pair.DEVICE, pair.wire.takeSent());
  }

  @Test
  void anAnswerToOneOfTheCallsMakesASession() {
    pair.wire.attach(Pair.SERVER, pair.server::receive);
    for (int second = 0; second < 125 && pair.device.handshakes == 0; second++) {
      pair.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(pair.device.handshakes).isEqualTo(1);
    // And the keepalive has its own interval again.
    pair.wire.takeSent();
    assertThat(sentWithin(Duration.ofSeconds(80))).hasSize(3);
  }

  @Test
  void whoeverSendsSomethingStartsAFullAttempt() {
    pair.device.send(Pair.toServer(1));
    List<Datagram> sent = sentWithin(Duration.ofMinutes(10));
    assertThat(pair.device.abandoned).isEqualTo(2);
    assertThat(sent.subList(0, 20)).extracting(Datagram::type).containsOnly(Message.INITIATION);
    assertThat(sent.get(19).nanos() - sent.get(0).nanos()).isLessThan(107 * Constants.SECOND);
    // Slow again after that.
    assertThat(sent).hasSizeBetween(23, 24);
  }

  @Test
  void soDoesAnExplicitQuestion() {
    pair.device.act(pair.device.peer::initiate);
    assertThat(sentWithin(Duration.ofSeconds(20))).hasSizeBetween(4, 5);
  }

  @Test
  void whatIsHeardEndsIt() {
    // The server calls: its handshake fails to be confirmed, but the device is plainly there.
    Initiations server = new Initiations(pair.server.key, pair.device.key.publicKey());
    pair.device.receive(server.at(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), Pair.SERVER);
    List<Datagram> sent = sentWithin(Duration.ofSeconds(40));
    assertThat(sent).extracting(Datagram::type).startsWith(Message.RESPONSE, Message.INITIATION);
    assertThat(sent).hasSizeBetween(3, 5);
  }

  @Test
  void aLongerKeepaliveIntervalStays() {
    Pair slow = new Pair(2);
    slow.deviceKeepalive = Duration.ofSeconds(400);
    slow.wire.detach(Pair.SERVER);
    slow.peers(null);
    slow.clock.advance(Duration.ofMinutes(8));
    slow.wire.takeSent();
    slow.clock.advance(Duration.ofSeconds(40));
    assertThat(slow.wire.takeSent()).hasSize(1);
  }

  @Test
  void withoutAKeepaliveThereIsRest() {
    Pair quiet = new Pair(3).peers(null);
    quiet.wire.detach(Pair.SERVER);
    quiet.device.send(Pair.toServer(1));
    quiet.clock.advance(Duration.ofMinutes(3));
    quiet.wire.takeSent();
    quiet.clock.advance(Duration.ofHours(1));
    assertThat(quiet.wire.takeSent()).isEmpty();
  }
}
