package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * When a handshake begins, and what waits for it, in virtual time: rows T1 to T6 and Q1 of the
 * table in {@link TimersTest}. The device is the one under test.
 */
class RekeyTimersTest {

  private final TimerRig rig = new TimerRig();
  private final Pair pair = rig.pair;

  @Test
  void t1InitiationsAreFiveSecondsApart() {
    rig.cutServerOff();
    pair.clock.advance(Duration.ofSeconds(5));
    for (int i = 0; i < 50; i++) {
      pair.device.act(pair.device.peer::initiate);
      pair.clock.advance(Duration.ofMillis(100));
    }
    assertThat(rig.sentTypes(Pair.DEVICE)).containsExactly(1);
  }

  @Test
  void t1AResponseRestartsTheClockAndTheAttemptIsMadeUpFor() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofMillis(10));
    // The server has just answered; the confirmation is lost.
    pair.wire.detach(Pair.SERVER);
    pair.clock.advance(Duration.ofSeconds(1));
    pair.wire.takeSent();
    pair.server.act(pair.server.peer::initiate);
    assertThat(rig.sentTypes(Pair.SERVER)).isEmpty();
    assertThat(rig.sentWithin(Duration.ofMillis(3900), Pair.SERVER)).isEmpty();
    assertThat(rig.sentWithin(TimerRig.JITTER.plus(Duration.ofMillis(200)), Pair.SERVER))
        .extracting(Datagram::type)
        .containsExactly(1);
  }

  @Test
  void t2AnInitiatorRekeysWhenItSendsAfter120Seconds() {
    pair.clock.advance(Duration.ofSeconds(120).minus(rig.since()).minus(Duration.ofSeconds(1)));
    pair.device.send(Pair.toServer(1));
    pair.device.act(pair.device.peer::sendKeepalive);
    assertThat(rig.sentTypes(Pair.DEVICE)).containsExactly(4, 4);
    pair.clock.advance(Duration.ofSeconds(2));
    pair.wire.takeSent();
    pair.device.send(Pair.toServer(2));
    assertThat(rig.sentTypes(Pair.DEVICE)).containsExactly(4, 1);
  }

  @Test
  void t2EitherRoleRekeysAfterTooManyMessages() {
    for (SimulatedEndpoint side : List.of(pair.device, pair.server)) {
      pair.clock.advance(Duration.ofSeconds(6));
      side.keypairs().current().sendCounter(Constants.REKEY_AFTER_MESSAGES);
      pair.wire.takeSent();
      side.send(side == pair.device ? Pair.toServer(1) : Pair.toDevice(1));
      assertThat(rig.sentTypes(side.address)).containsExactly(4, 1);
      pair.clock.advance(Duration.ofMillis(100));
    }
  }

  @Test
  void t3AnInitiatorRekeysOnceWhenItReceivesAfter165Seconds() {
    pair.clock.advance(Duration.ofSeconds(164));
    pair.server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(rig.sentTypes(Pair.DEVICE)).isEmpty();
    pair.clock.advance(Duration.ofMillis(1500));
    pair.wire.detach(Pair.SERVER);
    pair.server.send(Pair.toDevice(2));
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(rig.sentTypes(Pair.DEVICE)).containsExactly(1);
    pair.clock.advance(Duration.ofSeconds(7));
    assertThat(rig.sentTypes(Pair.DEVICE)).containsExactly(1);
    pair.server.send(Pair.toDevice(3));
    pair.clock.advance(Duration.ofMillis(20));
    assertThat(rig.sentTypes(Pair.DEVICE)).isEmpty();
  }

  @Test
  void e6AndT3ANewSessionMayAskAgainInItsLastMinute() {
    for (int session = 2; session <= 4; session++) {
      pair.clock.advance(Duration.ofSeconds(166));
      pair.wire.takeSent();
      pair.server.send(Pair.toDevice(session));
      pair.clock.advance(Duration.ofSeconds(1));
      assertThat(pair.device.handshakes).isEqualTo(session);
    }
  }

  @Test
  void t4NorWhenItReceives() {
    pair.clock.advance(Duration.ofSeconds(170));
    pair.wire.takeSent();
    // Sealed apart, so that the device does not ask for a new session itself.
    byte[] message = new byte[64];
    int length = pair.device.keypairs().current().seal(new byte[0], 0, message);
    pair.server.receive(Arrays.copyOf(message, length), Pair.DEVICE);
    assertThat(pair.server.drops).isEmpty();
    assertThat(pair.wire.takeSent()).isEmpty();
  }

  @Test
  void t4AResponderNeverRekeysByAge() {
    pair.clock.advance(Duration.ofSeconds(170));
    pair.wire.takeSent();
    pair.wire.detach(Pair.DEVICE);
    pair.server.send(Pair.toDevice(1));
    assertThat(rig.sentTypes(Pair.SERVER)).containsExactly(4);
  }

  @Test
  void t5APacketWithoutAKeyStartsOverWithFullAttempts() {
    Pair fresh = new Pair(5).peers(null);
    fresh.wire.detach(Pair.SERVER);
    fresh.device.send(Pair.toServer(1));
    fresh.clock.advance(Duration.ofSeconds(52));
    fresh.device.send(Pair.toServer(2));
    fresh.clock.advance(Duration.ofMinutes(5));
    // Ten before the second packet, and twenty more counted from it on.
    assertThat(fresh.wire.takeSent().size()).isBetween(29, 30);
  }

  @Test
  void t6AKeepaliveSendsWhatIsStagedInstead() {
    Pair fresh = new Pair(6).peers(null);
    fresh.device.send(Pair.toServer(1));
    fresh.clock.advance(Duration.ofMillis(100));
    List<Datagram> data =
        fresh.wire.takeSent().stream().filter(datagram -> datagram.type() == 4).toList();
    assertThat(data).hasSize(1);
    assertThat(data.get(0).bytes()).hasSize(Message.TRANSPORT_MIN_BYTES + 32);
  }

  @Test
  void q1TheOldestStagedPacketGoesFirstWhenTooManyWait() {
    Pair fresh = new Pair(7).peers(null);
    for (int i = 0; i < 130; i++) {
      fresh.device.send(Pair.toServer(i));
    }
    fresh.clock.advance(Duration.ofMillis(100));
    assertThat(fresh.device.drops)
        .containsExactly(DropReason.STAGED_OVERFLOW, DropReason.STAGED_OVERFLOW);
    assertThat(fresh.server.packets.stream().map(Pair::number).toList())
        .hasSize(128)
        .startsWith(2)
        .endsWith(129)
        .isSorted();
  }
}
