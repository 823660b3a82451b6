package dev.tailbridge.netstack.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.tcp.TcpState;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What connections cost that are open and do nothing: most of a home's. */
class IdleMemoryTest {

  private static final int CONNECTIONS = Integer.getInteger("idle.connections", 500);

  /** The project's goal for two channels, their handlers and both ends of TCP. */
  private static final long LIMIT = 8 << 10;

  @Test
  void anIdleSplicedConnectionTakesNoMoreThanEightKibibytes() {
    try (SpliceBench bench = new SpliceBench()) {
      List<Connection> far = new ArrayList<>();
      bench.device.listen(80, pending -> far.add(pending.accept()));
      List<Connection> near = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        near.add(bench.caller.connect(new InetSocketAddress(SpliceBench.NODE, 80), null, () -> {}));
        bench.wan.advance(Duration.ofMillis(1));
      }
      bench.wan.advance(Duration.ofSeconds(1));
      // Every buffer and timer was in use once.
      transfer(bench, near, far, 3_000);
      transfer(bench, far, near, 9_000);
      bench.wan.advance(Duration.ofSeconds(5));
      assertThat(near).allMatch(one -> one.tcb().state() == TcpState.ESTABLISHED);
      assertThat(bench.north.connectionCount()).isEqualTo(CONNECTIONS);
      assertThat(bench.south.connectionCount()).isEqualTo(CONNECTIONS);
      near.clear();
      far.clear();
      bench.forgetEnds();
      long with = usedHeap();
      bench.forgetMiddle();
      long each = (with - usedHeap()) / CONNECTIONS;
      System.out.println("bytes for each idle spliced connection: " + each);
      assertThat(each).isBetween(1L << 10, LIMIT);
    }
  }

  private static void transfer(
      SpliceBench bench, List<Connection> from, List<Connection> to, int bytes) {
    byte[] data = new byte[bytes];
    for (Connection connection : from) {
      assertThat(connection.tcb().write(data, 0, bytes)).as("%s", connection).isEqualTo(bytes);
      connection.transmit();
    }
    bench.wan.advance(Duration.ofSeconds(1));
    for (Connection connection : to) {
      assertThat(connection.tcb().read(data, 0, bytes)).as("%s", connection).isEqualTo(bytes);
      connection.transmit();
    }
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
