package dev.tailbridge.bridge.forward.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Packets of real connections that were changed on their way: whatever arrives, nothing is thrown,
 * what is held stays bounded, and honest callers are served afterwards.
 */
@ExtendWith(NoBufferLeaks.class)
class SpliceFuzzTest {

  private static final int ROUNDS = 60;
  private static final int KEPT = 64;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void changedPacketsHarmNobody(long seed) {
    Random random = new Random(seed);
    SpliceBench.Setup setup = new SpliceBench.Setup();
    setup.seed = seed;
    setup.showsCallers = random.nextBoolean();
    SpliceBench bench = setup.start();
    List<byte[]> seen = new ArrayList<>();
    bench.tailnet.tap(packet -> keep(seen, packet, random));
    bench.tunnel.tap(packet -> keep(seen, packet, random));
    List<End> served = End.serve(bench.device, 80);
    End.serve(bench.caller, 8123);
    for (int round = 0; round < ROUNDS; round++) {
      call(bench, random);
      served.forEach(end -> end.write("answer"));
      served.clear();
      bench.time.pass(Duration.ofMillis(random.nextInt(40)));
      for (int i = 0; i < 10 && !seen.isEmpty(); i++) {
        inject(bench, changed(seen.get(random.nextInt(seen.size())), random), random);
      }
    }
    assertThat(bench.stats().open()).as("seed " + seed).isLessThanOrEqualTo(SpliceBook.MAX_CALLS);
    bench.tailnet.tap(packet -> {});
    bench.tunnel.tap(packet -> {});
    bench.time.pass(Duration.ofMinutes(3));
    End honest = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, honest);
    bench.time.pass(Duration.ofSeconds(20));
    honest.write("question");
    bench.time.pass(Duration.ofSeconds(1));
    assertThat(served.get(served.size() - 1).text()).as("seed " + seed).isEqualTo("question");
    bench.close();
  }

  private static void call(SpliceBench bench, Random random) {
    boolean byDevice = random.nextInt(4) == 0;
    Stack from = byDevice ? bench.device : bench.caller;
    End end = new End();
    End.call(from, byDevice ? SpliceBench.CALLER : SpliceBench.NODE, byDevice ? 8123 : 80, end)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                return;
              }
              end.write("question");
              switch (random.nextInt(3)) {
                case 0 -> end.channel.close();
                case 1 -> end.channel.shutdownOutput();
                default -> end.channel.abort();
              }
            });
  }

  private static void keep(List<byte[]> seen, ByteBuf packet, Random random) {
    byte[] bytes = new byte[packet.readableBytes()];
    packet.getBytes(packet.readerIndex(), bytes);
    if (seen.size() < KEPT) {
      seen.add(bytes);
    } else {
      seen.set(random.nextInt(KEPT), bytes);
    }
  }

  /** To whichever side it was for, or to the other. */
  private static void inject(SpliceBench bench, byte[] packet, Random random) {
    ByteBuf buffer = TestPacket.buffer(PooledByteBufAllocator.DEFAULT, packet);
    if (random.nextBoolean()) {
      bench.forwarder.fromNode(buffer, bench.time.nanoTime());
    } else {
      bench.forwarder.fromDevice(buffer, bench.time.nanoTime());
    }
    bench.splices.batchComplete();
  }

  private static byte[] changed(byte[] packet, Random random) {
    byte[] bytes = packet.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(3) == 0 ? random.nextInt(bytes.length) : 20 + random.nextInt(20);
      bytes[Math.min(at, bytes.length - 1)] = (byte) random.nextInt();
    }
    return random.nextInt(4) == 0 ? bytes : withRightChecksum(bytes);
  }

  private static byte[] withRightChecksum(byte[] bytes) {
    ByteBuf view = Unpooled.wrappedBuffer(bytes);
    Ipv4Header ip = Ipv4Header.of(view);
    if (ip.version() == 4 && ip.headerLength() == 20 && bytes.length >= 40 && bytes[9] == 6) {
      view.setShort(36, 0);
      int length = bytes.length - 20;
      TcpHeader.at(view, 20, length)
          .computeChecksum(InternetChecksum.pseudoHeader(ip.source(), ip.destination(), 6, length));
    }
    return bytes;
  }
}
