package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What happens when buffers take all the memory that they may. */
@ExtendWith(NoBufferLeaks.class)
class MemoryBudgetTest {

  private static final InetAddress SERVER = IpPrefix.parse("10.6.0.2").address();
  private static final InetAddress CLIENT = IpPrefix.parse("10.6.0.1").address();
  private static final InetSocketAddress WEB = new InetSocketAddress(SERVER, 80);
  private static final int LIMIT = 256 << 10;
  private static final int CONNECTIONS = 20;

  private final VirtualLinks links = new VirtualLinks(Duration.ofMillis(10));
  private final MemoryBudget total = new MemoryBudget(LIMIT);
  private final Stack server = stack(links.left, SERVER, total);
  private final Stack client = stack(links.right, CLIENT, null);
  private final List<Connection> accepted = new ArrayList<>();
  private final List<Connection> called = new ArrayList<>();

  private Stack stack(PacketLink link, InetAddress own, MemoryBudget shared) {
    StackConfig config = StackConfig.wan(1280).toBuilder().memory(Long.MAX_VALUE, shared).build();
    return new Stack(link, List.of(own), links.clocked(config)).start();
  }

  @BeforeEach
  void open() {
    server.listen(80, caller -> accepted.add(caller.accept()));
    for (int i = 0; i < CONNECTIONS; i++) {
      called.add(client.connect(WEB, null, () -> {}));
    }
    links.advance(Duration.ofSeconds(1));
    assertThat(accepted).hasSize(CONNECTIONS);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    links.advance(Duration.ofSeconds(1));
    assertThat(total.used()).isZero();
    links.close();
  }

  private void send(Connection from, int bytes) {
    byte[] data = new byte[bytes];
    new Random(bytes).nextBytes(data);
    from.tcb().write(data, 0, bytes);
    from.transmit();
  }

  private void exhaust() {
    for (int i = 0; i < CONNECTIONS; i++) {
      send(called.get(i), 16_000);
    }
    links.advance(Duration.ofSeconds(3));
    assertThat(total.isScarce()).isTrue();
  }

  @Test
  void nobodyNewIsLetInWhileMemoryIsScarce() {
    exhaust();
    client.connect(WEB, null, () -> {});
    links.left.takeSent();
    links.advance(Duration.ofMillis(500));
    assertThat(accepted).hasSize(CONNECTIONS);
    assertThat(links.left.takeSent()).isEmpty();
    assertThatThrownBy(() -> server.connect(new InetSocketAddress(CLIENT, 1), null, () -> {}))
        .hasMessageContaining("memory");
  }

  @Test
  void whatCameInOrderStaysAndConnectionsGoOnSlowly() {
    exhaust();
    Connection reader = accepted.get(0);
    byte[] sink = new byte[20_000];
    assertThat(reader.tcb().read(sink, 0, sink.length)).isEqualTo(16_000);
    send(called.get(0), 20_000);
    int[] read = {0};
    boolean all =
        links.advanceUntil(
            () -> {
              int count = reader.tcb().read(sink, 0, sink.length);
              assertThat(count).isLessThanOrEqualTo(16 << 10);
              read[0] += count;
              if (count > 0) {
                reader.transmit();
              }
              return read[0] == 20_000;
            },
            Duration.ofSeconds(60));
    assertThat(all).as("%d bytes came", read[0]).isTrue();
    for (Connection other : accepted.subList(1, CONNECTIONS)) {
      assertThat(other.tcb().readable()).isEqualTo(16_000);
    }
  }

  @Test
  void dataBehindAGapIsDroppedFirst() {
    Connection gap = accepted.get(0);
    int[] count = {0};
    links.right.lose(packet -> packet.length > 1000 && count[0]++ % 8 == 0);
    send(called.get(0), 9_000);
    links.advance(Duration.ofMillis(11));
    links.right.lose(packet -> packet.length > 1000);
    int held = gap.tcb().memory();
    assertThat(held).isGreaterThan(4096);
    assertThat(gap.tcb().readable()).isZero();
    total.change(LIMIT);
    links.advance(Duration.ofSeconds(3));
    assertThat(gap.tcb().memory()).isLessThan(1024);
    total.change(-LIMIT);
    links.right.lose(packet -> false);
    assertThat(links.advanceUntil(() -> gap.tcb().readable() == 9_000, Duration.ofSeconds(60)))
        .as("%s %s", called.get(0).tcb().stats(), gap.tcb().stats())
        .isTrue();
  }

  @Test
  void aWriterMayHoldLittleUntilMemoryIsFreed() {
    total.change(LIMIT);
    send(called.get(1), 1);
    links.advance(Duration.ofSeconds(1));
    Connection writer = accepted.get(1);
    assertThat(writer.tcb().writable()).isEqualTo(4096);
    total.change(-LIMIT);
    send(called.get(1), 1);
    links.advance(Duration.ofSeconds(1));
    assertThat(writer.tcb().writable()).isGreaterThan(10_000);
  }
}
