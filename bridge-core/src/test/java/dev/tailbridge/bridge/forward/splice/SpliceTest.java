package dev.tailbridge.bridge.forward.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.channel.ChannelFuture;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What callers and the device see of a splice. */
@ExtendWith(NoBufferLeaks.class)
class SpliceTest {

  private static final Duration SOON = Duration.ofSeconds(1);
  private final SpliceBench.Setup setup = new SpliceBench.Setup();

  @Test
  void bytesAndEndsOfInputGoThroughBothWays() {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, caller);
    assertThat(bench.time.runUntil(call::isSuccess, SOON)).isTrue();
    caller.write("question");
    caller.channel.shutdownOutput();
    bench.time.pass(SOON);
    End device = served.get(0);
    assertThat(device.text()).isEqualTo("question");
    assertThat(device.inputEnded).isTrue();
    assertThat(caller.inputEnded).isFalse();
    device.write("answer");
    device.channel.shutdownOutput();
    bench.time.pass(SOON);
    assertThat(caller.text()).isEqualTo("answer");
    assertThat(caller.inputEnded).isTrue();
    assertThat(caller.failure).isNull();
    assertThat(device.failure).isNull();
    bench.assertNothingOpen();
    assertThat(bench.stats().accepted()).isEqualTo(1);
    bench.close();
  }

  @Test
  void theDeviceSeesTheBridgeWithTheCallersPort() {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, caller);
    bench.time.pass(SOON);
    int port = ((InetSocketAddress) caller.channel.localAddress()).getPort();
    assertThat(served.get(0).channel.remoteAddress())
        .isEqualTo(new InetSocketAddress(SpliceBench.BRIDGE, port));
    bench.close();
  }

  @Test
  void theDeviceSeesItsCallerWhenItShall() {
    setup.showsCallers = true;
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, caller);
    bench.time.pass(SOON);
    assertThat(served.get(0).channel.remoteAddress()).isEqualTo(caller.channel.localAddress());
    bench.close();
  }

  @Test
  void anIpv6CallerReachesTheDevice() {
    setup.showsCallers = true;
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE6, 80, caller);
    assertThat(bench.time.runUntil(call::isSuccess, SOON)).isTrue();
    caller.write("six");
    bench.time.pass(SOON);
    assertThat(served.get(0).text()).isEqualTo("six");
    InetSocketAddress seen = (InetSocketAddress) served.get(0).channel.remoteAddress();
    assertThat(seen.getAddress()).isEqualTo(SpliceBench.BRIDGE);
    bench.close();
  }

  @Test
  void aClosedPortRefuses() {
    SpliceBench bench = setup.start();
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 81, new End());
    assertThat(bench.time.runUntil(call::isDone, SOON)).isTrue();
    assertThat(call.cause()).isInstanceOf(ConnectException.class).hasMessageContaining("refused");
    assertThat(bench.stats().refused()).isEqualTo(1);
    bench.assertNothingOpen();
    bench.close();
  }

  @Test
  void aSilentDeviceLeavesItsCallersWithoutAnAnswer() {
    SpliceBench bench = setup.start();
    bench.tunnel.cut(true);
    End.serve(bench.device, 80);
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(Duration.ofSeconds(9));
    assertThat(bench.stats().dialing()).isEqualTo(1);
    bench.time.pass(Duration.ofMillis(1100));
    assertThat(bench.stats().unanswered()).isEqualTo(1);
    assertThat(bench.tailnet.near.packets()).isZero();
    assertThat(call.isDone()).isFalse();
    bench.close();
  }

  @Test
  void aCallWaitsForADeviceThatWakes() {
    SpliceBench bench = setup.start();
    bench.tunnel.cut(true);
    End.serve(bench.device, 80);
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(Duration.ofSeconds(8));
    bench.tunnel.cut(false);
    bench.splices.sessionBegan();
    bench.time.pass(Duration.ofMillis(100));
    assertThat(call.isSuccess()).isTrue();
    assertThat(bench.stats().accepted()).isEqualTo(1);
    assertThat(bench.device.connectionCount()).isEqualTo(1);
    bench.close();
  }

  @Test
  void aCallerThatGivesUpIsNotDialedFor() {
    SpliceBench bench = setup.start();
    bench.tunnel.cut(true);
    End caller = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, caller);
    bench.time.pass(Duration.ofMillis(500));
    assertThat(bench.stats().dialing()).isEqualTo(1);
    bench.splices.nodeAddress(SpliceBench.CALLER);
    bench.assertNothingOpen();
    bench.close();
  }

  @Test
  void resetsGoThroughAsResets() {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End first = new End();
    End second = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, first);
    bench.time.pass(SOON);
    End.call(bench.caller, SpliceBench.NODE, 80, second);
    bench.time.pass(SOON);
    served.get(0).channel.abort();
    second.channel.abort();
    bench.time.pass(SOON);
    assertThat(first.failure).hasMessageContaining("reset");
    assertThat(served.get(1).failure).hasMessageContaining("reset");
    bench.assertNothingOpen();
    bench.close();
  }

  @Test
  void callersBeyondWhatTheDeviceCanHaveWait() {
    setup.maxConnections = 2;
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    List<End> callers = List.of(new End(), new End(), new End());
    for (End caller : callers) {
      End.call(bench.caller, SpliceBench.NODE, 80, caller);
    }
    bench.time.pass(SOON);
    assertThat(served).hasSize(2);
    assertThat(bench.stats().waiting()).isEqualTo(1);
    served.get(0).channel.shutdownOutput();
    bench.time.pass(SOON);
    assertThat(served).hasSize(2);
    callers.stream().filter(caller -> caller.inputEnded).forEach(caller -> caller.channel.close());
    bench.time.pass(SOON);
    assertThat(served).hasSize(3);
    assertThat(bench.stats().waiting()).isZero();
    bench.close();
  }

  @Test
  void whoWaitsTooLongIsLeftWithoutAnAnswer() {
    setup.maxConnections = 1;
    setup.hold = Duration.ofSeconds(3);
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(SOON);
    ChannelFuture second = End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(Duration.ofMillis(3100));
    assertThat(bench.stats().unanswered()).isEqualTo(1);
    assertThat(second.isDone()).isFalse();
    served.get(0).channel.abort();
    assertThat(bench.time.runUntil(second::isSuccess, Duration.ofSeconds(10))).isTrue();
    bench.close();
  }

  @Test
  void aRebootedDeviceResetsItsOldCallers() {
    SpliceBench bench = setup.start();
    End.serve(bench.device, 80);
    End caller = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, caller);
    bench.time.pass(SOON);
    bench.tunnel.cut(true);
    Stack rebooted = bench.rebootDevice();
    List<End> served = End.serve(rebooted, 80);
    bench.time.pass(SOON);
    bench.tunnel.cut(false);
    bench.splices.sessionBegan();
    bench.time.pass(Duration.ofMillis(100));
    assertThat(caller.failure).hasMessageContaining("reset");
    ChannelFuture again = End.call(bench.caller, SpliceBench.NODE, 80, new End());
    assertThat(bench.time.runUntil(again::isSuccess, SOON)).isTrue();
    assertThat(served).hasSize(1);
    rebooted.close();
    bench.close();
  }

  @Test
  void aDeadDeviceResetsItsIdleCallers() {
    SpliceBench bench = setup.start();
    End.serve(bench.device, 80);
    End caller = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, caller);
    bench.time.pass(SOON);
    bench.tunnel.cut(true);
    bench.time.pass(Duration.ofSeconds(60));
    assertThat(caller.failure).isNull();
    bench.time.pass(Duration.ofSeconds(35));
    assertThat(caller.failure).hasMessageContaining("reset");
    bench.close();
  }

  @Test
  void theDevicesOwnCallsComeFromItsNode() {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.caller, 8123);
    End device = new End();
    ChannelFuture call = End.call(bench.device, SpliceBench.CALLER, 8123, device);
    assertThat(bench.time.runUntil(call::isSuccess, SOON)).isTrue();
    device.write("reading");
    bench.time.pass(SOON);
    assertThat(served.get(0).text()).isEqualTo("reading");
    int port = ((InetSocketAddress) device.channel.localAddress()).getPort();
    assertThat(served.get(0).channel.remoteAddress())
        .isEqualTo(new InetSocketAddress(SpliceBench.NODE, port));
    ChannelFuture closed = End.call(bench.device, SpliceBench.CALLER, 8124, new End());
    ChannelFuture bridge = End.call(bench.device, SpliceBench.BRIDGE, 80, new End());
    bench.time.pass(SOON);
    assertThat(closed.cause()).hasMessageContaining("refused");
    assertThat(bridge.cause()).hasMessageContaining("refused");
    bench.close();
  }

  @Test
  void anotherAddressOfTheNodeEndsItsConnections() {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(SOON);
    bench.forwarder.nodeAddresses(null, null);
    bench.time.pass(SOON);
    assertThat(served.get(0).failure).isNull();
    bench.forwarder.nodeAddresses(SpliceBench.CALLER, null);
    bench.time.pass(SOON);
    assertThat(served.get(0).failure).hasMessageContaining("reset");
    bench.assertNothingOpen();
    bench.close();
  }

  @Test
  void everyByteArrivesOverABadTunnel() {
    setup.tunnelLoss = 0.05;
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, caller);
    assertThat(bench.time.runUntil(call::isSuccess, Duration.ofSeconds(10))).isTrue();
    byte[] up = new byte[200_000];
    byte[] down = new byte[200_000];
    new Random(1).nextBytes(up);
    new Random(2).nextBytes(down);
    End device = served.get(0);
    caller.write(up);
    device.write(down);
    assertThat(
            bench.time.runUntil(
                () -> caller.received.size() == down.length && device.received.size() == up.length,
                Duration.ofMinutes(2)))
        .isTrue();
    assertThat(caller.received.toByteArray()).isEqualTo(down);
    assertThat(device.received.toByteArray()).isEqualTo(up);
    bench.close();
  }

  @Test
  void aSegmentWithAWrongChecksumIsDroppedAndCounted() {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    End.call(bench.caller, SpliceBench.NODE, 80, caller);
    bench.time.pass(SOON);
    bench.tailnet.corruptNext();
    caller.write("question");
    bench.time.pass(Duration.ofMillis(50));
    assertThat(bench.splices.badChecksums()).isEqualTo(1);
    assertThat(served.get(0).text()).isEmpty();
    bench.time.pass(SOON);
    assertThat(served.get(0).text()).isEqualTo("question");
    bench.close();
  }
}
