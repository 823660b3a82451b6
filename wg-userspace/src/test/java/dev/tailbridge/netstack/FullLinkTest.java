package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.NoBufferLeaks;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections whose link has no room: they wait, where sending would only lose packets. */
@ExtendWith(NoBufferLeaks.class)
class FullLinkTest {

  /** Shorter than any timeout for retransmission. */
  private static final Duration MOMENT = Duration.ofMillis(50);

  private final VirtualCall call = new VirtualCall(Duration.ofMillis(1), MOMENT);
  private final VirtualLinks links = call.links;
  private final Connection called = call.called;
  private final Connection accepted = call.accepted;

  @BeforeEach
  void open() {
    links.left.takeSent();
  }

  @AfterEach
  void close() {
    call.close();
  }

  private static void write(Connection to, int bytes) {
    assertThat(to.tcb().write(new byte[bytes], 0, bytes)).isEqualTo(bytes);
    to.transmit();
  }

  @Test
  void newDataWaitsAndLeavesWhenThereIsRoom() {
    links.left.room(0);
    write(called, 5000);
    links.advance(MOMENT);
    assertThat(links.left.takeSent()).isEmpty();
    links.left.room(Integer.MAX_VALUE);
    links.advance(MOMENT);
    assertThat(accepted.tcb().readable()).isEqualTo(5000);
    assertThat(called.tcb().stats().retransmissions()).isZero();
  }

  @Test
  void aBurstEndsWhereTheRoomDoes() {
    links.left.room(2);
    write(called, 5000);
    links.settle();
    assertThat(links.left.takeSent()).hasSize(2);
    links.left.room(Integer.MAX_VALUE);
    links.advance(MOMENT);
    assertThat(accepted.tcb().readable()).isEqualTo(5000);
    assertThat(called.tcb().stats().retransmissions()).isZero();
  }

  @Test
  void acknowledgmentsDoNotWait() {
    links.left.room(0);
    write(accepted, 5000);
    links.advance(MOMENT);
    assertThat(called.tcb().readable()).isEqualTo(5000);
    assertThat(accepted.tcb().unacknowledged()).isZero();
  }

  @Test
  void everyConnectionThatWaitsIsServed() {
    Connection second = call.call();
    links.advance(MOMENT);
    Connection secondAccepted = call.accepted;
    links.left.room(0);
    write(called, 1000);
    write(second, 2000);
    links.advance(MOMENT);
    links.left.room(1);
    // The first takes the only place; what is flushed makes room, and the link says so.
    links.settle();
    links.left.room(1);
    links.advance(MOMENT);
    assertThat(secondAccepted.tcb().readable()).isPositive();
    links.left.room(Integer.MAX_VALUE);
    links.advance(MOMENT);
    assertThat(secondAccepted.tcb().readable()).isEqualTo(2000);
    assertThat(called.tcb().unacknowledged()).isZero();
  }
}
