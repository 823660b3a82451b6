package dev.tailbridge.benchmarks;

import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.protocol.ReplayedSession;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The protocol core per packet, from array to array: all of WireGuard, nothing of Netty.
 *
 * <p>With {@code -prof gc} this less {@link AeadBenchmark} is what the core leaves as garbage.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CoreDatapathBenchmark {

  private static final int RING = 1024;
  private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 51820);
  private static final InetSocketAddress DEVICE = new InetSocketAddress("192.0.2.2", 51820);

  /** Bytes of the inner packet. */
  @Param({"128", "1420"})
  public int size;

  @Param({"bouncycastle", "conscrypt"})
  public String crypto = "bouncycastle";

  private final byte[][] incoming = new byte[RING][];
  private byte[] outgoing = new byte[0];
  private MemoryInterface server;
  private ReplayedSession session;
  private int next;

  /** A session, and packets of the device that arrive over and over. */
  @Setup
  public void prepare() throws Exception {
    CryptoProvider provider = CryptoProviders.select(crypto).provider();
    server = new MemoryInterface(provider, SERVER);
    MemoryInterface device = new MemoryInterface(provider, DEVICE);
    server.addPeer(device.key.publicKey(), "10.6.0.2/32", null);
    device.addPeer(server.key.publicKey(), "10.6.0.0/24", SERVER);
    MemoryInterface.connect(server, device);
    session = new ReplayedSession(server.peer());
    byte[] packet = InnerPackets.ipv4(InnerPackets.DEVICE, InnerPackets.SERVER, size);
    for (int i = 0; i < RING; i++) {
      incoming[i] = device.seal(packet);
    }
    outgoing = InnerPackets.ipv4(InnerPackets.SERVER, InnerPackets.DEVICE, size);
    server.discard();
  }

  /** From a datagram to a packet of a known device. */
  @Benchmark
  public long inbound() {
    int i = next++ & (RING - 1);
    if (i == 0) {
      session.forget();
    }
    server.receive(incoming[i], DEVICE);
    return server.count;
  }

  /** From a packet to a datagram. */
  @Benchmark
  public long outbound() {
    server.peer().send(outgoing, size, server.now);
    return server.count;
  }
}
