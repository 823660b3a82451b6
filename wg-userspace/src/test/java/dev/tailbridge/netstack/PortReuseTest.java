package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Callers that use a port again while its last connection is in TIME-WAIT here: a stack that makes
 * them wait for a repeated SYN, or longer, is slower than any network.
 */
@ExtendWith(NoBufferLeaks.class)
class PortReuseTest {

  private static final int CONNECTIONS = Integer.getInteger("reuse.connections", 10_000);
  private static final int MAX_TIME_WAITS = 50;
  private static final Duration STALL = Duration.ofMillis(1500);
  private static final InetAddress SERVER = IpPrefix.parse("100.64.0.3").address();
  private static final InetAddress CALLER = IpPrefix.parse("100.64.0.7").address();

  private final VirtualLinks links = new VirtualLinks(Duration.ofMillis(10));
  private final Stack server = stack(links.left, SERVER);
  private final Stack caller = stack(links.right, CALLER);

  private Stack stack(PacketLink link, InetAddress address) {
    StackConfig config = StackConfig.wan(1280).toBuilder().maxTimeWaits(MAX_TIME_WAITS).build();
    return new Stack(link, List.of(address), links.clocked(config)).start();
  }

  @AfterEach
  void close() {
    links.advance(Duration.ofSeconds(1));
    links.close();
  }

  @Test
  void noneOfManyConnectionsStalls() {
    server.listen(80, pending -> serve(pending.accept()));
    long longest = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      long began = links.nowNanos();
      call(40_000 + i % 16);
      longest = Math.max(longest, links.nowNanos() - began);
      links.left.takeSent();
      links.right.takeSent();
    }
    assertThat(Duration.ofNanos(longest)).isLessThan(STALL);
    assertThat(server.connectionCount()).isEqualTo(16);
    assertThat(caller.connectionCount()).isZero();
  }

  @Test
  void connectionsInTimeWaitAreBounded() {
    server.listen(80, pending -> serve(pending.accept()));
    for (int i = 0; i < 2 * MAX_TIME_WAITS; i++) {
      call(40_000 + i);
      assertThat(server.connectionCount()).isEqualTo(Math.min(i + 1, MAX_TIME_WAITS));
    }
    links.advance(Duration.ofSeconds(70));
    assertThat(server.connectionCount()).isZero();
  }

  /** Answers once and closes first, so that the waiting is done here. */
  private static void serve(Connection connection) {
    byte[] answer = new byte[3_000];
    connection.listener(
        () -> {
          if (connection.tcb().readable() > 0) {
            connection.tcb().read(answer, 0, answer.length);
            connection.tcb().write(answer, 0, answer.length);
            connection.tcb().shutdownOutput();
          }
        });
  }

  private void call(int port) {
    Connection connection =
        caller.connect(
            new InetSocketAddress(SERVER, 80), new InetSocketAddress(CALLER, port), () -> {});
    connection.tcb().write(new byte[100], 0, 100);
    byte[] answer = new byte[3_000];
    int[] count = {0};
    until(
        () -> {
          count[0] += connection.tcb().read(answer, 0, answer.length);
          return connection.tcb().endOfInput();
        });
    assertThat(count[0]).isEqualTo(3_000);
    connection.close();
    until(() -> connection.tcb().state() == TcpState.CLOSED);
    assertThat(connection.tcb().failure()).isNull();
  }

  private void until(BooleanSupplier condition) {
    assertThat(links.advanceUntil(condition, Duration.ofSeconds(30))).isTrue();
  }
}
