package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.testing.NoBufferLeaks;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections while their link has lost its session, and memory of those that rest. */
@ExtendWith(NoBufferLeaks.class)
class LinkLossTest {

  private static final Duration MOMENT = Duration.ofMillis(50);

  private final VirtualCall call = new VirtualCall(Duration.ofMillis(10), MOMENT);
  private final VirtualLinks links = call.links;
  private final Stack client = call.client;
  private final Connection called = call.called;
  private final Connection accepted = call.accepted;

  @BeforeEach
  void open() {
    assertThat(accepted.tcb().state()).isEqualTo(TcpState.ESTABLISHED);
  }

  @AfterEach
  void close() {
    call.close();
  }

  @Test
  void nothingIsRepeatedOrGivenUpWhileTheLinkIsDown() {
    links.left.lose(packet -> true);
    client.pause();
    called.tcb().write(new byte[5000], 0, 5000);
    called.transmit();
    links.advance(MOMENT);
    assertThat(links.left.takeSent()).isNotEmpty();
    links.advance(Duration.ofMinutes(10));
    assertThat(links.left.takeSent()).isEmpty();
    assertThat(called.tcb().failure()).isNull();
    links.left.lose(packet -> false);
    client.resume();
    links.advance(MOMENT);
    assertThat(accepted.tcb().readable()).isEqualTo(5000);
  }

  @Test
  void aCallThatIsMadeMeanwhileLeavesAtOnceAndAgainAfterwards() {
    links.left.lose(packet -> true);
    client.pause();
    links.left.takeSent();
    Connection second = call.call();
    links.advance(Duration.ofMinutes(5));
    assertThat(links.left.takeSent()).hasSize(1);
    links.left.lose(packet -> false);
    client.resume();
    links.advance(MOMENT);
    assertThat(second.tcb().state()).isEqualTo(TcpState.ESTABLISHED);
  }

  @Test
  void aConnectionThatRestsGivesItsMemoryBack() {
    called.tcb().write(new byte[5000], 0, 5000);
    called.transmit();
    links.advance(MOMENT);
    accepted.tcb().read(new byte[5000], 0, 5000);
    accepted.transmit();
    links.advance(MOMENT);
    assertThat(called.tcb().memory() + accepted.tcb().memory()).isPositive();
    links.advance(Duration.ofSeconds(4));
    assertThat(called.tcb().memory()).isZero();
    assertThat(accepted.tcb().memory()).isZero();
    // And nothing wakes up the loop any more.
    assertThat(links.nextTaskAfter()).isNegative();
  }
}
