package dev.tailbridge.bridge.forward.splice;

import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.PortPolicy;
import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.bridge.forward.PortPolicy.Range;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The device's ports, where TCP is spliced. */
@ExtendWith(NoBufferLeaks.class)
class SplicePortsTest {

  private static final Duration SOON = Duration.ofSeconds(1);

  private static SpliceBench bench(boolean showsCallers) {
    SpliceBench.Setup setup = new SpliceBench.Setup();
    setup.showsCallers = showsCallers;
    PortMap tcp = PortMap.of(List.of(new Range(443, 443, 443), new Range(8080, 8080, 80)));
    setup.ports = new PortPolicy(tcp, PortMap.all(), true);
    return setup.start();
  }

  @Test
  void aMappedPortLeadsToTheDevicesOwn() {
    for (boolean showsCallers : new boolean[] {false, true}) {
      for (InetAddress node : new InetAddress[] {SpliceBench.NODE, SpliceBench.NODE6}) {
        SpliceBench bench = bench(showsCallers);
        List<End> served = End.serve(bench.device, 80);
        End caller = new End();
        ChannelFuture call = End.call(bench.caller, node, 8080, caller);
        assertThat(bench.time.runUntil(call::isSuccess, SOON)).isTrue();
        served.get(0).write("from 80");
        bench.time.pass(SOON);
        assertThat(caller.text()).isEqualTo("from 80");
        assertThat(caller.channel.remoteAddress()).isEqualTo(new InetSocketAddress(node, 8080));
        assertThat(bench.drops).isEmpty();
        bench.close();
      }
    }
  }

  /** Port 80 is open at the device, but it has no place in the list. */
  @Test
  void aClosedPortIsSilentAndCounted() {
    for (InetAddress node : new InetAddress[] {SpliceBench.NODE, SpliceBench.NODE6}) {
      SpliceBench bench = bench(/* showsCallers= */ false);
      List<End> served = End.serve(bench.device, 80);
      End caller = new End();
      ChannelFuture call = End.call(bench.caller, node, 80, caller);
      bench.time.pass(Duration.ofMillis(900));
      assertThat(call.isDone()).as("neither accepted nor refused").isFalse();
      assertThat(served).isEmpty();
      assertThat(bench.drops).containsExactly(ForwardDrop.PORT_CLOSED);
      bench.time.pass(Duration.ofMillis(300));
      assertThat(bench.drops).as("each try counts").hasSize(2);
      bench.assertNothingOpen();
      bench.close();
    }
  }

  /** The tailnet's own rules let such segments through. */
  @Test
  void aSegmentOfNoConnectionIsAnsweredAtAnOpenPortOnly() {
    SpliceBench bench = bench(/* showsCallers= */ false);
    for (int port : new int[] {8080, 80}) {
      long before = bench.forwarder.stats().toNodePackets();
      bench.fromCaller(tcp("100.64.0.7", 4000, "100.64.0.3", port, ACK));
      long answers = bench.forwarder.stats().toNodePackets() - before;
      assertThat(answers).isEqualTo(port == 8080 ? 1 : 0);
    }
    assertThat(bench.drops).containsExactly(ForwardDrop.PORT_CLOSED);
    bench.close();
  }

  @Test
  void theDevicesOwnCallsGoOutFromClosedPorts() {
    SpliceBench bench = bench(/* showsCallers= */ false);
    List<End> served = End.serve(bench.caller, 81);
    End device = new End();
    ChannelFuture call = End.call(bench.device, SpliceBench.CALLER, 81, device);
    bench.time.pass(SOON);
    assertThat(call.isSuccess()).isTrue();
    served.get(0).write("answer");
    bench.time.pass(SOON);
    assertThat(device.text()).isEqualTo("answer");
    assertThat(bench.drops).isEmpty();
    bench.close();
  }
}
