package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The three sessions of a peer: who moves where, and who dies. */
class KeypairSlotsTest {

  private List<Integer> freed;
  private KeypairSlots slots;
  private int nextIndex;

  @BeforeEach
  @BeforeTry
  void emptySlots() {
    freed = new ArrayList<>();
    slots = new KeypairSlots(freed::add);
    nextIndex = 1;
  }

  private Keypair keypair(boolean initiator) {
    SymmetricState state = SymmetricState.start(CryptoProviders.bouncyCastle(), new byte[32]);
    int index = nextIndex++;
    return new Keypair(
        initiator
            ? SessionKeys.ofInitiator(state, index, 0)
            : SessionKeys.ofResponder(state, index, 0),
        CryptoProviders.bouncyCastle(),
        0);
  }

  private Keypair initiated() {
    Keypair fresh = keypair(true);
    slots.installInitiated(fresh);
    return fresh;
  }

  private Keypair responded() {
    Keypair fresh = keypair(false);
    slots.installResponded(fresh);
    return fresh;
  }

  private void assertSlots(Keypair previous, Keypair current, Keypair next) {
    assertThat(slots.previous()).isSameAs(previous);
    assertThat(slots.current()).isSameAs(current);
    assertThat(slots.next()).isSameAs(next);
  }

  @Test
  void initiatorWithoutNextMovesCurrentToPrevious() {
    Keypair first = initiated();
    Keypair second = initiated();
    assertSlots(first, second, null);
    Keypair third = initiated();
    assertSlots(second, third, null);
    assertThat(freed).containsExactly(first.localIndex);
  }

  @Test
  void initiatorWithNextKeepsItAsPreviousAndDropsCurrent() {
    Keypair first = initiated();
    Keypair next = responded();
    Keypair second = initiated();
    assertSlots(next, second, null);
    assertThat(freed).containsExactly(first.localIndex);
  }

  @Test
  void responderWaitsInNextAndDropsPrevious() {
    Keypair first = initiated();
    Keypair second = initiated();
    Keypair next = responded();
    assertSlots(null, second, next);
    assertThat(freed).containsExactly(first.localIndex);
    Keypair later = responded();
    assertSlots(null, second, later);
    assertThat(freed).containsExactly(first.localIndex, next.localIndex);
  }

  @Test
  void confirmationMovesUp() {
    Keypair first = initiated();
    Keypair next = responded();
    assertThat(slots.confirm(first)).isFalse();
    assertThat(slots.confirm(next)).isTrue();
    assertSlots(first, next, null);
    assertThat(slots.confirm(next)).isFalse();
    assertThat(freed).isEmpty();
  }

  /** Events: 0 initiated, 1 responded, 2 confirmed; against the three rules of the paper. */
  @Property(tries = 300)
  void agreesWithTheRules(@ForAll @Size(max = 40) List<@IntRange(max = 2) Integer> events) {
    Keypair previous = null;
    Keypair current = null;
    Keypair next = null;
    for (int event : events) {
      if (event == 0) {
        previous = next != null ? next : current;
        next = null;
        current = initiated();
      } else if (event == 1) {
        next = responded();
        previous = null;
      } else if (next != null) {
        assertThat(slots.confirm(next)).isTrue();
        previous = current;
        current = next;
        next = null;
      }
      assertSlots(previous, current, next);
      int alive = (previous == null ? 0 : 1) + (current == null ? 0 : 1) + (next == null ? 0 : 1);
      assertThat(freed).doesNotHaveDuplicates().hasSize(nextIndex - 1 - alive);
    }
  }

  @Test
  void packetsOfThePreviousSessionStillArriveAndOlderOnesAreUnknown() {
    Pair pair = Pair.inSession(1);
    List<byte[]> delayed = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      pair.device.send(Pair.toServer(i));
      delayed.add(pair.wire.takeSent().get(0).bytes());
      pair.clock.advance(Duration.ofSeconds(6));
      if (i < 2) {
        pair.connect();
      }
    }
    pair.server.packets.clear();
    pair.server.drops.clear();
    // All three arrived once already, so that a replay says "this key is still there".
    delayed.forEach(datagram -> pair.server.receive(datagram, Pair.DEVICE));
    assertThat(pair.server.drops)
        .containsExactly(DropReason.UNKNOWN_INDEX, DropReason.REPLAY, DropReason.REPLAY);
  }

  @Test
  void atTheCounterLimitAKeyStopsSendingAndReceiving() {
    Pair pair = Pair.inSession(2);
    Keypair current = pair.device.keypairs().current();
    current.sendCounter(Constants.REJECT_AFTER_MESSAGES - 1);
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.takeSent();
    pair.device.send(Pair.toServer(1));
    // The last packet of this key goes out, and asks for the next key.
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(4, 1);
    pair.wire.detach(Pair.SERVER);
    pair.device.send(Pair.toServer(2));
    assertThat(pair.wire.takeSent()).isEmpty();
    for (long counter : new long[] {Constants.REJECT_AFTER_MESSAGES, -1}) {
      current.sendCounter(counter);
      byte[] beyond = new byte[64];
      int length = current.seal(new byte[16], 16, beyond);
      pair.server.drops.clear();
      pair.server.receive(Arrays.copyOf(beyond, length), Pair.DEVICE);
      assertThat(pair.server.drops).containsExactly(DropReason.COUNTER_LIMIT);
    }
  }
}
