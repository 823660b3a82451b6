package dev.tailbridge.bridge.forward.splice;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.forward.host.RefusedQuestions;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device finds at the bridge's own tunnel address. */
@ExtendWith(NoBufferLeaks.class)
class BridgeHostTest {

  private static final Duration SOON = Duration.ofSeconds(1);
  private static final int OPEN = 53;

  /** Answers datagrams, and keeps the ends of its TCP connections. */
  private static final class Served implements TunnelService {
    final List<String> events = new ArrayList<>();
    final List<End> callers = new ArrayList<>();

    @Override
    public Set<Integer> tcpPorts() {
      return Set.of(OPEN);
    }

    @Override
    public Set<Integer> udpPorts() {
      return Set.of(OPEN);
    }

    @Override
    public void start(Stack stack, RefusedQuestions refused) {
      events.add("started");
      stack.listen(
          OPEN,
          caller -> {
            TcpChannel channel = new TcpChannel(null, stack, caller.accept());
            End end = new End();
            callers.add(end);
            channel.pipeline().addLast(end);
            stack.eventLoop().register(channel).addListener(CLOSE_ON_FAILURE);
          });
      UdpEndpoint[] endpoint = new UdpEndpoint[1];
      endpoint[0] =
          stack.bindUdp(
              OPEN, (data, local, remote) -> endpoint[0].send(data, local.getAddress(), remote));
    }

    @Override
    public void stop() {
      events.add("stopped");
    }
  }

  /** What came to a UDP port, with its sender. */
  private static final class Inbox implements UdpListener {
    final List<String> received = new ArrayList<>();

    @Override
    public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
      received.add(data.toString(StandardCharsets.UTF_8) + " from " + remote.getPort());
      data.release();
    }

    @Override
    public void unreachable(InetSocketAddress local, InetSocketAddress remote) {
      received.add("unreachable " + remote.getPort());
    }
  }

  private final Served served = new Served();

  private SpliceBench bench(boolean spliced) {
    SpliceBench.Setup setup = new SpliceBench.Setup();
    setup.spliced = spliced;
    setup.services = List.of(served);
    return setup.start();
  }

  private static void send(Stack from, UdpEndpoint port, InetAddress to, int toPort, String text) {
    port.send(
        Unpooled.copiedBuffer(text, StandardCharsets.UTF_8),
        from.addresses().get(0),
        new InetSocketAddress(to, toPort));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOpenPortAnswersAndOthersRefuse(boolean spliced) {
    SpliceBench bench = bench(spliced);
    Inbox inbox = new Inbox();
    UdpEndpoint port = bench.device.bindUdp(40000, inbox);
    send(bench.device, port, SpliceBench.BRIDGE, 54, "nobody");
    bench.time.pass(SOON);
    assertThat(served.events).as("not before it is needed").isEmpty();
    send(bench.device, port, SpliceBench.BRIDGE, OPEN, "question");
    End called = new End();
    ChannelFuture refused = End.call(bench.device, SpliceBench.BRIDGE, 54, new End());
    bench.time.pass(SOON);
    // Its first packet finds the port open: nothing is lost while the stack is made.
    ChannelFuture call = End.call(bench.device, SpliceBench.BRIDGE, OPEN, called);
    bench.time.pass(SOON);

    assertThat(inbox.received).containsExactly("unreachable 54", "question from " + OPEN);
    assertThat(refused.cause()).isNotNull();
    assertThat(call.isSuccess()).isTrue();
    called.write("to the bridge");
    served.callers.get(0).write("to the device");
    bench.time.pass(SOON);
    assertThat(served.callers.get(0).text()).isEqualTo("to the bridge");
    assertThat(called.text()).isEqualTo("to the device");
    bench.host.close();
    bench.time.pass(SOON);
    assertThat(called.closed).isTrue();
    assertThat(served.events).containsExactly("started", "stopped");
    bench.close();
  }

  /** Else who calls from port 53 to every port of a device could answer its questions. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noCallerIsShownWithAnOpenPort(boolean spliced) {
    SpliceBench bench = bench(spliced);
    Inbox inbox = new Inbox();
    UdpEndpoint port = bench.device.bindUdp(40000, inbox);
    UdpEndpoint caller = bench.caller.bindUdp(OPEN, new Inbox());
    send(bench.caller, caller, SpliceBench.NODE, 40000, "bait");
    bench.time.pass(SOON);
    assertThat(inbox.received).containsExactly("bait from 1024");
    send(bench.device, port, SpliceBench.BRIDGE, OPEN, "question");
    bench.time.pass(SOON);
    assertThat(inbox.received).last().isEqualTo("question from " + OPEN);
    bench.close();
  }

  /** Spliced callers keep their port, so one may share it with the bridge's own connection. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCallersConnectionAndTheBridgesOwnAreKeptApart(boolean spliced) {
    SpliceBench bench = bench(spliced);
    End own = new End();
    ChannelFuture toBridge = End.call(bench.device, SpliceBench.BRIDGE, OPEN, own);
    bench.time.pass(SOON);
    assertThat(toBridge.isSuccess()).isTrue();
    List<End> web = End.serve(bench.device, 80);
    End caller = new End();
    ChannelFuture call =
        End.call(
            bench.caller,
            SpliceBench.NODE,
            80,
            caller,
            new InetSocketAddress(SpliceBench.CALLER, OPEN));
    bench.time.pass(SOON);
    assertThat(call.isSuccess()).isTrue();
    caller.write("for the web");
    own.write("for the bridge");
    bench.time.pass(SOON);
    web.get(0).write("from the web");
    bench.time.pass(SOON);
    assertThat(web.get(0).text()).isEqualTo("for the web");
    assertThat(served.callers.get(0).text()).isEqualTo("for the bridge");
    assertThat(caller.text()).isEqualTo("from the web");
    assertThat(bench.drops).doesNotContain(ForwardDrop.BRIDGE_PORT_CLOSED);
    bench.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void portsComeAndGo(boolean spliced) {
    SpliceBench bench = bench(spliced);
    Inbox inbox = new Inbox();
    UdpEndpoint device = bench.device.bindUdp(40000, inbox);
    Inbox atBridge = new Inbox();
    List<PendingConnection> calls = new ArrayList<>();
    UdpEndpoint port = bench.host.bindUdp(1883, atBridge);
    bench.host.listen(
        1883,
        call -> {
          calls.add(call);
          call.refuse();
        });
    assertThatThrownBy(() -> bench.host.bindUdp(OPEN, atBridge)).hasMessageContaining("53");
    assertThatThrownBy(() -> bench.host.listen(1883, calls::add)).hasMessageContaining("1883");
    send(bench.device, device, SpliceBench.BRIDGE, 1883, "to the rule");
    send(bench.device, device, SpliceBench.BRIDGE, OPEN, "to the service");
    End.call(bench.device, SpliceBench.BRIDGE, 1883, new End());
    bench.time.pass(SOON);
    assertThat(atBridge.received).containsExactly("to the rule from 40000");
    assertThat(inbox.received).containsExactly("to the service from " + OPEN);
    assertThat(calls).hasSize(1);
    bench.host.unbindUdp(port);
    bench.host.unlisten(1883);
    send(bench.device, device, SpliceBench.BRIDGE, 1883, "to nobody");
    End.call(bench.device, SpliceBench.BRIDGE, 1883, new End());
    bench.time.pass(SOON);
    assertThat(inbox.received).last().isEqualTo("unreachable 1883");
    assertThat(calls).hasSize(1);
    bench.close();
  }

  /** Who called before the port was opened would be shown with it, and could answer. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPortThatOpensIsNoCallersAnyMore(boolean spliced) {
    SpliceBench bench = bench(spliced);
    Inbox inbox = new Inbox();
    UdpEndpoint device = bench.device.bindUdp(40000, inbox);
    UdpEndpoint caller = bench.caller.bindUdp(1883, new Inbox());
    UdpEndpoint other = bench.caller.bindUdp(1884, new Inbox());
    send(bench.caller, caller, SpliceBench.NODE, 40000, "bait");
    send(bench.caller, other, SpliceBench.NODE, 40000, "hello");
    bench.time.pass(SOON);
    assertThat(inbox.received).containsExactly("bait from 1883", "hello from 1884");
    Inbox atBridge = new Inbox();
    bench.host.bindUdp(1883, atBridge);
    send(bench.device, device, SpliceBench.BRIDGE, 1883, "secret");
    send(bench.caller, caller, SpliceBench.NODE, 40000, "again");
    send(bench.caller, other, SpliceBench.NODE, 40000, "still here");
    bench.time.pass(SOON);
    assertThat(atBridge.received).containsExactly("secret from 40000");
    assertThat(inbox.received).endsWith("again from 1024", "still here from 1884").hasSize(4);
    bench.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theBridgeCallsFromAPortThatIsNoCallersAndHearsOfAClosedOne(boolean spliced) {
    SpliceBench bench = bench(spliced);
    Inbox inbox = new Inbox();
    bench.device.bindUdp(40000, inbox);
    Inbox atBridge = new Inbox();
    int first = bench.host.bindFreeUdp(40000, atBridge).port();
    UdpEndpoint caller = bench.caller.bindUdp(first + 1, new Inbox());
    send(bench.caller, caller, SpliceBench.NODE, 40000, "hello");
    bench.time.pass(SOON);
    UdpEndpoint second = bench.host.bindFreeUdp(40000, atBridge);
    assertThat(second.port()).isEqualTo(first + 2);
    assertThat(bench.host.bindFreeUdp(40001, atBridge).port()).isEqualTo(first + 3);
    second.send(
        Unpooled.copiedBuffer("knock", StandardCharsets.UTF_8),
        SpliceBench.BRIDGE,
        new InetSocketAddress(SpliceBench.DEVICE, 40000));
    second.send(
        Unpooled.copiedBuffer("knock", StandardCharsets.UTF_8),
        SpliceBench.BRIDGE,
        new InetSocketAddress(SpliceBench.DEVICE, 9));
    bench.time.pass(SOON);
    assertThat(inbox.received).last().isEqualTo("knock from " + second.port());
    assertThat(atBridge.received).containsExactly("unreachable 9");
    bench.close();
  }

  @Test
  void twoServicesWithOnePortAreAMistake() {
    SpliceBench bench = bench(/* spliced= */ true);
    assertThatThrownBy(
            () ->
                new BridgeHost(
                    SpliceBench.BRIDGE,
                    SpliceBench.DEVICE,
                    bench.tunnel.near,
                    StackConfig.device(1420),
                    List.of(served, new Served()),
                    (reason, asker, asked) -> {},
                    bench.forwarder.faces()))
        .hasMessageContaining("53");
    bench.close();
  }
}
