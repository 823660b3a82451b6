package dev.tailbridge.benchmarks;

import dev.tailbridge.ip.InternetChecksum;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Random;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The Internet checksum over a packet in a direct buffer, as every packet of ours lies. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChecksumBenchmark {

  /** Bytes that are summed up. */
  @Param({"40", "576", "1420", "65535"})
  public int size;

  private ByteBuf packet;

  @Setup
  public void fill() {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    packet = PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes);
  }

  @TearDown
  public void release() {
    packet.release();
  }

  @Benchmark
  public int sum() {
    return InternetChecksum.sum(packet, packet.readerIndex(), size);
  }
}
