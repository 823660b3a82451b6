package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A peer that sends back what it gets, over a wire that loses nothing: the stream runs at a window
 * a round trip, and so it does again when a reader comes back after it had let both windows shut.
 */
class EchoTest {

  private static final int TOTAL = 1 << 20;
  private static final int BUFFER = 64 << 10;

  private final VirtualClock clock = new VirtualClock();
  private final byte[] bytes = new byte[16 << 10];
  private SimulatedTcp client;
  private SimulatedTcp server;
  private boolean reading = true;
  private int written;
  private int received;

  /** What the server read and could not write yet. */
  private int held;

  private void open(long delayMicros, boolean nagle, boolean options) {
    TcpConfig config =
        TcpConfig.device(1420, false).toBuilder()
            .firstBuffer(BUFFER)
            .nagle(nagle)
            .options(options, options, options)
            .build();
    client = new SimulatedTcp(clock, config, 1);
    server = new SimulatedTcp(clock, config, 2);
    client.out = new SegmentWire(clock, 3, server::arrived);
    server.out = new SegmentWire(clock, 4, client::arrived);
    for (SegmentWire wire : new SegmentWire[] {client.out, server.out}) {
      wire.delayNanos = delayMicros * 1000;
      wire.bottleneck = new Bottleneck(100_000_000, 1 << 20);
    }
    client.application = this::runClient;
    server.application = this::echo;
    client.connect();
  }

  private void runClient() {
    while (written < TOTAL && client.tcb.writable() > 0) {
      written += client.tcb.write(bytes, 0, Math.min(bytes.length, TOTAL - written));
    }
    while (reading && client.tcb.readable() > 0) {
      received += client.tcb.read(bytes, 0, bytes.length);
    }
  }

  private void echo() {
    do {
      held -= server.tcb.write(bytes, 0, Math.min(held, bytes.length));
      held += held < BUFFER ? server.tcb.read(bytes, 0, bytes.length) : 0;
    } while (held > 0 && server.tcb.writable() > 0);
  }

  private long millisUntilReceived() {
    long start = clock.nowNanos();
    while (received < TOTAL) {
      assertThat(clock.nowNanos() - start)
          .as("received %s, %s", received, client.tcb.stats())
          .isLessThan(Duration.ofMinutes(1).toNanos());
      clock.advance(Duration.ofMillis(1));
    }
    return (clock.nowNanos() - start) / 1_000_000;
  }

  // 16 windows of 64 KiB at 100 ms each, and three or four round trips in which the window opens.

  @ParameterizedTest
  @CsvSource({
    "50, true, true", "50, false, true", "50, true, false", "50, false, false",
    "50000, true, true", "50000, false, true", "50000, true, false", "50000, false, false"
  })
  void aStreamRunsAtAWindowARoundTrip(long delayMicros, boolean nagle, boolean options) {
    open(delayMicros, nagle, options);
    assertThat(millisUntilReceived()).isLessThanOrEqualTo(delayMicros == 50 ? 15 : 2005);
  }

  @ParameterizedTest
  @CsvSource({
    "50, true, true", "50, false, true", "50, true, false", "50, false, false",
    "50000, true, true", "50000, false, true", "50000, true, false", "50000, false, false"
  })
  void aStreamGoesOnAtOnceWhenItsReaderComesBack(long delayMicros, boolean nagle, boolean options) {
    reading = false;
    open(delayMicros, nagle, options);
    clock.advance(Duration.ofSeconds(20));
    assertThat(received).isZero();
    reading = true;
    client.settle();
    assertThat(millisUntilReceived()).isLessThanOrEqualTo(delayMicros == 50 ? 15 : 1705);
  }
}
