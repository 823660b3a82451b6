package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The table of timers, row by row, in virtual time: the events that set and cancel them. When a
 * session is renewed is tested in {@link RekeyTimersTest}. The device is the one under test. {@link
 * PeerModelTest} goes through the same rows with random events.
 *
 * <table>
 * <caption>Where each row is tested</caption>
 * <tr><td>E1<td>e1DataWithoutAnAnswer…, e1IsArmedByTheFirst…, e1IsNotArmedByAKeepalive
 * <tr><td>E2<td>e2ReceivedDataIsAnswered…, e2AndE10MoreData…
 * <tr><td>E3<td>e3AnythingSentCancels…, e3AnInitiationSentCancels…
 * <tr><td>E4<td>e4AnythingReceivedCancels…, e4AnInitiationReceivedCancels…
 * <tr><td>E5<td>e5AndE9TwentyInitiations…
 * <tr><td>E6<td>e6CompletionEndsTheRetries, e6AndT3ANewSessionMayAskAgain…
 * <tr><td>E7<td>e7AndE12KeysAreForgotten…
 * <tr><td>E8<td>e8AndE13PersistentKeepalive…
 * <tr><td>E9<td>e5AndE9TwentyInitiations…, e9LeavesAnArmedZeroingAlone
 * <tr><td>E10<td>e2AndE10MoreData…
 * <tr><td>E11<td>e1DataWithoutAnAnswer…, e11StartsOverWithFullAttempts
 * <tr><td>E12<td>e7AndE12KeysAreForgotten…, e5AndE9TwentyInitiations…
 * <tr><td>E13<td>e8AndE13PersistentKeepalive…, e13WithoutAKeyInitiatesForEver
 * <tr><td>T1<td>t1InitiationsAreFiveSecondsApart, t1AResponseRestartsTheClock…
 * <tr><td>T2<td>t2AnInitiatorRekeys…, t2EitherRoleRekeys…
 * <tr><td>T3<td>t3AnInitiatorRekeysOnce…; 120 s for a rescued peer: ReverseRescueTest
 * <tr><td>T4<td>t4AResponderNeverRekeysByAge, t4NorWhenItReceives
 * <tr><td>T5<td>t5APacketWithoutAKeyStartsOver…
 * <tr><td>T6<td>t6AKeepaliveSendsWhatIsStagedInstead
 * <tr><td>P1, P2, P4<td>KeypairSlotsTest
 * <tr><td>P2, P3<td>HandshakeTest
 * <tr><td>P5<td>RejectionTest.anOldKey…, KeypairSlotsTest.atTheCounterLimit…
 * <tr><td>H6<td>RejectionTest.aThirdInitiation…
 * <tr><td>Q1<td>q1TheOldestStagedPacket…
 * </table>
 */
class TimersTest {

  private final TimerRig rig = new TimerRig();
  private final Pair pair = rig.pair;

  @Test
  void e1DataWithoutAnAnswerStartsAHandshakeAfter15Seconds() {
    rig.cutServerOff();
    pair.device.send(Pair.toServer(1));
    assertThat(rig.sentWithin(Duration.ofSeconds(15).minus(TimerRig.TICK), Pair.DEVICE)).isEmpty();
    assertThat(rig.sentWithin(TimerRig.JITTER.plus(TimerRig.TICK.multipliedBy(2)), Pair.DEVICE))
        .extracting(Datagram::type)
        .containsExactly(1);
  }

  @Test
  void e1IsArmedByTheFirstPacketAndNotMovedByLaterOnes() {
    rig.cutServerOff();
    for (int second = 0; second < 15; second++) {
      pair.device.send(Pair.toServer(second));
      pair.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(rig.sentWithin(TimerRig.JITTER.plus(TimerRig.TICK), Pair.DEVICE))
        .extracting(Datagram::type)
        .containsExactly(1);
  }

  @Test
  void e1IsNotArmedByAKeepalive() {
    rig.cutServerOff();
    pair.device.act(pair.device.peer::sendKeepalive);
    assertThat(rig.sentWithin(Duration.ofSeconds(60), Pair.DEVICE)).isEmpty();
  }

  @Test
  void e2ReceivedDataIsAnsweredByAKeepaliveAfter10Seconds() {
    pair.server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(rig.sentWithin(Duration.ofSeconds(10).minus(TimerRig.TICK), Pair.DEVICE)).isEmpty();
    List<Datagram> sent = rig.sentWithin(TimerRig.TICK.multipliedBy(2), Pair.DEVICE);
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).bytes()).hasSize(Message.TRANSPORT_MIN_BYTES);
    assertThat(rig.sentWithin(Duration.ofSeconds(60), Pair.DEVICE)).isEmpty();
  }

  @Test
  void e2AndE10MoreDataMeanwhileWantsAnotherKeepalive() {
    pair.server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofSeconds(3));
    pair.server.send(Pair.toDevice(2));
    List<Datagram> sent = rig.sentWithin(Duration.ofSeconds(60), Pair.DEVICE);
    assertThat(sent).hasSize(2);
    assertThat(sent.get(1).nanos() - sent.get(0).nanos()).isEqualTo(Constants.KEEPALIVE_TIMEOUT);
  }

  @Test
  void e3AnythingSentCancelsTheKeepalive() {
    pair.server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofSeconds(5));
    pair.device.send(Pair.toServer(1));
    assertThat(rig.sentWithin(Duration.ofSeconds(14), Pair.DEVICE)).isEmpty();
  }

  @Test
  void e4AnythingReceivedCancelsTheNewHandshake() {
    pair.device.send(Pair.toServer(1));
    pair.clock.advance(Duration.ofSeconds(5));
    pair.server.act(pair.server.peer::sendKeepalive);
    assertThat(rig.sentWithin(Duration.ofSeconds(60), Pair.DEVICE)).isEmpty();
  }

  @Test
  void e3AnInitiationSentCancelsTheKeepaliveToo() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofSeconds(1));
    rig.cutServerOff();
    pair.wire.detach(Pair.DEVICE);
    pair.device.act(pair.device.peer::initiate);
    pair.wire.takeSent();
    pair.clock.advance(Duration.ofSeconds(15));
    assertThat(rig.sentTypes(Pair.DEVICE)).containsOnly(1);
  }

  @Test
  void e4AnInitiationReceivedCancelsTheNewHandshake() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.detach(Pair.SERVER);
    pair.device.send(Pair.toServer(1));
    pair.clock.advance(Duration.ofSeconds(5));
    pair.server.act(pair.server.peer::initiate);
    pair.clock.advance(Duration.ofMillis(11));
    // The answer is all; 15 s after the data nothing more comes.
    pair.wire.detach(Pair.DEVICE);
    assertThat(rig.sentTypes(Pair.DEVICE)).containsExactly(4, 2);
    assertThat(rig.sentWithin(Duration.ofSeconds(60), Pair.DEVICE)).isEmpty();
  }

  @Test
  void e9LeavesAnArmedZeroingAlone() {
    rig.cutServerOff();
    pair.clock.advance(Duration.ofSeconds(430));
    pair.device.send(Pair.toServer(1));
    pair.clock.advance(Duration.ofSeconds(540).minus(rig.since()).minus(Duration.ofSeconds(1)));
    assertThat(pair.device.abandoned).isEqualTo(1);
    assertThat(pair.device.keypairs().current()).isNotNull();
    pair.clock.advance(Duration.ofSeconds(2));
    assertThat(pair.device.keypairs().current()).isNull();
  }

  @Test
  void e11StartsOverWithFullAttempts() {
    rig.cutServerOff();
    pair.clock.advance(Duration.ofSeconds(6));
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofSeconds(37));
    pair.device.send(Pair.toServer(1));
    pair.wire.takeSent();
    pair.clock.advance(Duration.ofMinutes(4));
    // 15 s of the first attempt, and twenty from then on; it would have ended at twenty in all.
    int sent = rig.sentTypes(Pair.DEVICE).stream().mapToInt(type -> type == 1 ? 1 : 0).sum();
    assertThat(sent).isBetween(21, 24);
    assertThat(pair.device.abandoned).isEqualTo(1);
  }

  @Test
  void e5AndE9TwentyInitiationsThenTheStagedPacketsGo() {
    Pair fresh = new Pair(2).peers(null);
    fresh.wire.detach(Pair.SERVER);
    fresh.device.send(Pair.toServer(1));
    fresh.device.send(Pair.toServer(2));
    fresh.clock.advance(Duration.ofMinutes(11));
    List<Datagram> sent = fresh.wire.takeSent();
    assertThat(sent).hasSize(20).extracting(Datagram::type).containsOnly(1);
    for (int i = 1; i < sent.size(); i++) {
      assertThat(Duration.ofNanos(sent.get(i).nanos() - sent.get(i - 1).nanos()))
          .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(5).plus(TimerRig.JITTER));
    }
    assertThat(fresh.device.drops)
        .containsExactly(DropReason.HANDSHAKE_ABANDONED, DropReason.HANDSHAKE_ABANDONED);
    assertThat(fresh.device.abandoned).isEqualTo(1);
    // E9 armed the zeroing, E12 ended the last initiation.
    assertThat(fresh.device.core.indices.size()).isZero();
  }

  @Test
  void e6CompletionEndsTheRetries() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.device.act(pair.device.peer::initiate);
    List<Datagram> sent = rig.sentWithin(Duration.ofSeconds(60), Pair.DEVICE);
    assertThat(sent).extracting(Datagram::type).containsExactly(4);
    assertThat(pair.device.handshakes).isEqualTo(2);
  }

  @Test
  void e7AndE12KeysAreForgottenAfter540Seconds() {
    pair.wire.detach(Pair.SERVER);
    pair.clock.advance(Duration.ofSeconds(540).minus(rig.since()).minus(Duration.ofSeconds(1)));
    assertThat(pair.device.keypairs().current()).isNotNull();
    pair.clock.advance(Duration.ofSeconds(2));
    assertThat(pair.device.keypairs().current()).isNull();
    assertThat(pair.device.core.indices.size()).isZero();
    assertThat(pair.server.keypairs().current()).isNull();
  }

  @Test
  void e8AndE13PersistentKeepaliveCountsFromTheLastPacketEitherWay() {
    Pair kept = new Pair(3);
    kept.deviceKeepalive = Duration.ofSeconds(25);
    kept.peers(null);
    kept.clock.advance(Duration.ofSeconds(20));
    // Adding the peer opened the session by itself.
    assertThat(kept.device.handshakes).isEqualTo(1);
    kept.server.act(kept.server.peer::sendKeepalive);
    kept.clock.advance(Duration.ofMillis(10));
    kept.wire.takeSent();
    kept.clock.advance(Duration.ofSeconds(25).minus(TimerRig.TICK));
    assertThat(kept.wire.takeSent()).isEmpty();
    kept.clock.advance(TimerRig.TICK.multipliedBy(2));
    assertThat(Pair.from(Pair.DEVICE, kept.wire.takeSent())).hasSize(1);
  }

  @Test
  void e13WithoutAKeyInitiatesForEverButAtASlowPace() {
    Pair kept = new Pair(4);
    kept.deviceKeepalive = Duration.ofSeconds(25);
    kept.wire.detach(Pair.SERVER);
    kept.peers(null);
    kept.clock.advance(Duration.ofMinutes(30));
    List<Datagram> sent = kept.wire.takeSent();
    assertThat(sent).extracting(Datagram::type).containsOnly(1);
    // 20 attempts in about 103 s, then one at a time.
    assertThat(sent.size()).isBetween(33, 35);
    for (int i = 20; i < sent.size(); i++) {
      assertThat(Duration.ofNanos(sent.get(i).nanos() - sent.get(i - 1).nanos()))
          .isBetween(Duration.ofSeconds(120), Duration.ofSeconds(126));
    }
    assertThat(kept.device.abandoned).isEqualTo(1);
  }
}
