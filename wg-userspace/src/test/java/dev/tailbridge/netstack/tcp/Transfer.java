package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import java.time.Duration;

/** One bulk transfer over two wires in virtual time: client to server, then a close. */
final class Transfer {

  private static final Duration TICK = Duration.ofMillis(10);

  final VirtualClock clock;
  final SimulatedTcp client;
  final SimulatedTcp server;
  final SegmentWire up;
  final SegmentWire down;

  /** Whether the server reads. */
  boolean reading = true;

  /** Bytes a second that the server reads, every 10 ms; 0 for as fast as it can. */
  long readRate;

  /** Whether the client does not close at the end. */
  boolean keepOpen;

  private final long total;
  private long written;
  private long read;
  private long doneNanos;
  private final byte[] chunk = new byte[65536];
  private final byte[] taken = new byte[65536];

  Transfer(TcpConfig clientConfig, TcpConfig serverConfig, long total, int seed) {
    this(new VirtualClock(), clientConfig, serverConfig, total, seed);
  }

  /** Of several transfers in the same time. */
  Transfer(
      VirtualClock clock, TcpConfig clientConfig, TcpConfig serverConfig, long total, int seed) {
    this.clock = clock;
    this.total = total;
    client = new SimulatedTcp(clock, clientConfig, seed + 1);
    server = new SimulatedTcp(clock, serverConfig, seed + 1000);
    up = new SegmentWire(clock, seed * 2L + 1, server::arrived);
    down = new SegmentWire(clock, seed * 2L + 2, client::arrived);
    client.out = up;
    server.out = down;
    client.application = this::write;
    server.application = this::read;
  }

  Transfer loss(double share) {
    up.loss = share;
    down.loss = share;
    return this;
  }

  Transfer roundTrip(Duration time) {
    up.delayNanos = time.toNanos() / 2;
    down.delayNanos = time.toNanos() / 2;
    return this;
  }

  /** Bytes a second of the whole transfer, handshake included; fails after so much virtual time. */
  double run(Duration limit) {
    if (client.tcb == null) {
      client.connect();
    } else if (server.tcb != null) {
      server.settle();
    }
    if (readRate > 0) {
      clock.after(TICK, this::tick);
    }
    long end = limit.toNanos();
    while (doneNanos == 0) {
      assertThat(clock.nowNanos())
          .as("%s of %s bytes arrived, client %s", read, total, client.tcb.stats())
          .isLessThan(end);
      clock.advance(Duration.ofMillis(100));
    }
    return total * 1e9 / doneNanos;
  }

  long received() {
    return read;
  }

  private void write() {
    while (written < total && client.tcb.writable() > 0) {
      int length = (int) Math.min(chunk.length, total - written);
      length = Math.min(length, client.tcb.writable());
      for (int i = 0; i < length; i++) {
        chunk[i] = value(written + i);
      }
      written += client.tcb.write(chunk, 0, length);
    }
    if (written == total && !keepOpen) {
      client.tcb.shutdownOutput();
    }
  }

  private void read() {
    int count;
    while (reading && (count = server.tcb.read(taken, 0, mayRead())) > 0) {
      for (int i = 0; i < count; i++) {
        if (taken[i] != value(read + i)) {
          throw new AssertionError("byte " + (read + i) + " is not what was sent");
        }
      }
      read += count;
    }
    if (read == total && doneNanos == 0) {
      doneNanos = clock.nowNanos();
    }
  }

  private int mayRead() {
    long share = readRate * clock.nowNanos() / 1_000_000_000L - read;
    return readRate == 0 ? taken.length : (int) Math.max(0, Math.min(taken.length, share));
  }

  private void tick() {
    if (server.tcb != null) {
      server.settle();
    }
    clock.after(TICK, this::tick);
  }

  private static byte value(long at) {
    return (byte) (at * 31 + (at >> 8) * 7 + (at >> 16));
  }
}
