package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a connection holds when nothing happens on it. */
class TrimTest {

  private static final TcpConfig CONFIG = TcpConfig.wan(1420, false);

  private final Transfer transfer = new Transfer(CONFIG, CONFIG, 1 << 20, 1).loss(0.05);

  private void trimBoth() {
    transfer.client.tcb.trim(transfer.clock.nowNanos());
    transfer.server.tcb.trim(transfer.clock.nowNanos());
  }

  @Test
  void anIdleConnectionHoldsNoBuffers() {
    transfer.keepOpen = true;
    transfer.run(Duration.ofMinutes(5));
    assertThat(transfer.client.tcb.memory()).isPositive();
    assertThat(transfer.server.tcb.memory()).isPositive();
    transfer.clock.advance(Duration.ofSeconds(2));
    trimBoth();
    assertThat(transfer.client.tcb.memory()).isZero();
    assertThat(transfer.server.tcb.memory()).isZero();
    assertThat(transfer.client.tcb.state()).isEqualTo(TcpState.ESTABLISHED);
  }

  @Test
  void whatWaitsStaysWhole() {
    transfer.reading = false;
    transfer.client.connect();
    transfer.clock.advance(Duration.ofMinutes(1));
    int readable = transfer.server.tcb.readable();
    assertThat(readable).isPositive();
    // The window is shut, so that nothing but probes goes on.
    for (int i = 0; i < 100; i++) {
      transfer.clock.advance(Duration.ofMillis(700));
      trimBoth();
    }
    assertThat(transfer.server.tcb.readable()).isEqualTo(readable);
    transfer.reading = true;
    transfer.run(Duration.ofMinutes(10));
  }
}
