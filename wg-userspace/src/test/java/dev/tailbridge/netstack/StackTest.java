package dev.tailbridge.netstack;

import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.RST;
import static dev.tailbridge.ip.TestPacket.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.tcp.TcpFailure;
import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who gets a segment, who is offered a caller, and which ports calls use; in virtual time. */
@ExtendWith(NoBufferLeaks.class)
class StackTest {

  private static final String CALLER = "100.64.0.7";
  private static final String FRONTED = "100.64.0.3";
  private static final Duration MOMENT = Duration.ofMillis(50);

  private final VirtualLinks links = new VirtualLinks(Duration.ofMillis(10));
  private final StackConfig config = links.clocked(StackConfig.device(1420));
  private final Stack front = new Stack(links.left, List.of(), config).start();
  private final Stack caller = new Stack(links.right, List.of(address(CALLER)), config).start();
  private final List<PendingConnection> offered = new ArrayList<>();

  @AfterEach
  void close() {
    links.advance(MOMENT);
    links.close();
  }

  private static InetAddress address(String text) {
    return IpPrefix.parse(text).address();
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(address(address), port);
  }

  private Connection call(String address, int port) {
    Connection connection = caller.connect(at(address, port), null, () -> {});
    links.advance(MOMENT);
    return connection;
  }

  private void syn(int fromPort, int sequence) {
    receive(TestPacket.tcp(CALLER, fromPort, FRONTED, 80, SYN).sequence(sequence));
  }

  private void receive(TestPacket packet) {
    links.left.receive(packet.bytes());
    links.settle();
  }

  @Test
  void aFrontIsCalledAtEveryAddressAndPort() {
    front.listenAll(offered::add);
    Connection web = call(FRONTED, 80);
    assertThat(offered).hasSize(1);
    assertThat(offered.get(0).local()).isEqualTo(at(FRONTED, 80));
    assertThat(offered.get(0).remote()).isEqualTo(web.local());
    call("192.0.2.1", 6053);
    assertThat(offered.get(1).local()).isEqualTo(at("192.0.2.1", 6053));
    Connection accepted = offered.get(0).accept();
    links.advance(MOMENT);
    assertThat(web.tcb().state()).isEqualTo(TcpState.ESTABLISHED);
    assertThat(accepted.tcb().state()).isEqualTo(TcpState.ESTABLISHED);
  }

  @Test
  void aPortsOwnListenerComesBeforeThatOfAllPorts() {
    List<PendingConnection> others = new ArrayList<>();
    front.listenAll(others::add);
    front.listen(53, offered::add);
    call(FRONTED, 53);
    call(FRONTED, 54);
    assertThat(offered).hasSize(1);
    assertThat(others).hasSize(1);
  }

  @Test
  void aFrontCallsFromAnyAddress() {
    List<PendingConnection> callers = new ArrayList<>();
    caller.listenAll(callers::add);
    front.connect(at(CALLER, 80), at("203.0.113.9", 4000), () -> {});
    links.advance(MOMENT);
    assertThat(callers.get(0).remote()).isEqualTo(at("203.0.113.9", 4000));
    assertThatThrownBy(() -> front.connect(at(CALLER, 80), null, () -> {}))
        .hasMessageContaining("no address of ours");
  }

  @Test
  void bothFamiliesAreSpoken() {
    front.listenAll(offered::add);
    Stack six = new Stack(links.right, List.of(address("fd7a:115c::7")), config).start();
    Connection call = six.connect(at("fd7a:115c::3", 80), null, () -> {});
    links.advance(MOMENT);
    offered.get(0).accept();
    links.advance(MOMENT);
    assertThat(call.tcb().state()).isEqualTo(TcpState.ESTABLISHED);
    assertThat(offered.get(0).local()).isEqualTo(at("fd7a:115c::3", 80));
  }

  @Test
  void aRepeatedSynIsOfferedOnce() {
    front.listenAll(offered::add);
    syn(1000, 7);
    syn(1000, 7);
    assertThat(offered).hasSize(1);
  }

  @Test
  void anotherCallFromTheSamePortReplacesTheFirst() {
    front.listenAll(offered::add);
    List<String> cancelled = new ArrayList<>();
    syn(1000, 7);
    offered.get(0).onCancelled(() -> cancelled.add("first"));
    syn(1000, 8);
    assertThat(cancelled).containsExactly("first");
    assertThat(offered).hasSize(2);
    assertThat(offered.get(0).accept()).isNull();
    assertThat(offered.get(1).accept()).isNotNull();
  }

  @Test
  void aResetOfTheExactNumberWithdrawsTheCall() {
    front.listenAll(offered::add);
    List<String> cancelled = new ArrayList<>();
    syn(1000, 7);
    offered.get(0).onCancelled(() -> cancelled.add("call"));
    TestPacket reset = TestPacket.tcp(CALLER, 1000, FRONTED, 80, RST);
    receive(reset.sequence(7));
    receive(reset.sequence(9));
    assertThat(cancelled).isEmpty();
    receive(reset.sequence(8));
    assertThat(cancelled).containsExactly("call");
    assertThat(front.pendingCount()).isZero();
  }

  @Test
  void anUndecidedCallExpiresAfterTenSecondsOrAsSaid() {
    front.listenAll(offered::add);
    syn(1000, 7);
    syn(1001, 7);
    offered.get(1).deadline(Duration.ofSeconds(30));
    links.advance(Duration.ofMillis(9_900));
    assertThat(front.pendingCount()).isEqualTo(2);
    links.advance(Duration.ofMillis(200));
    assertThat(front.pendingCount()).isEqualTo(1);
    links.advance(Duration.ofSeconds(20));
    assertThat(front.pendingCount()).isZero();
    assertThat(links.left.takeSent()).isEmpty();
  }

  @Test
  void callersThatWaitAreBoundedInAllAndForEachAddress() {
    front.listenAll(offered::add);
    for (int port = 1000; port < 1100; port++) {
      syn(port, 7);
    }
    assertThat(offered).hasSize(32);
    for (int i = 1; i < 255; i++) {
      for (int port = 0; port < 4; port++) {
        String source = "100.65.0." + i;
        receive(TestPacket.tcp(source, 1000 + port, FRONTED, 80, SYN));
      }
    }
    assertThat(offered).hasSize(256);
    assertThat(links.left.takeSent()).isEmpty();
    offered.get(0).ignore();
    syn(1099, 7);
    assertThat(offered).hasSize(257);
  }

  @Test
  void aSegmentOfNoConnectionIsReset() {
    front.listenAll(offered::add);
    receive(TestPacket.tcp(CALLER, 1000, FRONTED, 80, ACK));
    assertThat(links.left.takeSent()).hasSize(1);
    assertThat(offered).isEmpty();
  }

  @Test
  void closingResetsForgetsAndIgnores() {
    front.listenAll(offered::add);
    Connection call = call(FRONTED, 80);
    offered.get(0).accept();
    links.advance(MOMENT);
    List<String> cancelled = new ArrayList<>();
    syn(1000, 7);
    offered.get(1).onCancelled(() -> cancelled.add("call"));
    front.close();
    links.advance(MOMENT);
    assertThat(call.tcb().failure()).isEqualTo(TcpFailure.RESET);
    assertThat(cancelled).containsExactly("call");
    assertThat(front.connectionCount()).isZero();
    links.left.takeSent();
    syn(1001, 7);
    assertThat(links.left.takeSent()).isEmpty();
    assertThatThrownBy(() -> front.connect(at(CALLER, 80), at(FRONTED, 1), () -> {}))
        .hasMessageContaining("closed");
  }

  @Test
  void aPreferredPortIsUsedWhenFree() {
    caller.listenAll(offered::add);
    InetSocketAddress wanted = at(FRONTED, 4000);
    Connection first = front.connectPreferring(at(CALLER, 80), wanted, () -> {});
    Connection second = front.connectPreferring(at(CALLER, 80), wanted, () -> {});
    Connection elsewhere = front.connectPreferring(at(CALLER, 81), wanted, () -> {});
    assertThat(first.local()).isEqualTo(wanted);
    assertThat(second.local().getPort()).isNotEqualTo(4000);
    assertThat(second.local().getAddress()).isEqualTo(wanted.getAddress());
    assertThat(elsewhere.local()).isEqualTo(wanted);
  }

  /** Runs a connection from its call to its end. */
  private Connection endedCall(InetSocketAddress from, boolean peerClosesFirst) {
    Connection connection = front.connectPreferring(at(CALLER, 80), from, () -> {});
    links.advance(MOMENT);
    Connection accepted = offered.get(offered.size() - 1).accept();
    links.advance(MOMENT);
    (peerClosesFirst ? accepted : connection).close();
    links.advance(MOMENT);
    (peerClosesFirst ? connection : accepted).close();
    links.advance(MOMENT);
    return connection;
  }

  @Test
  void aPortRestsForTwoMinutesAfterThePeerClosedFirst() {
    caller.listenAll(offered::add);
    InetSocketAddress wanted = at(FRONTED, 4000);
    assertThat(endedCall(wanted, /* peerClosesFirst= */ true).local()).isEqualTo(wanted);
    assertThat(front.connectionCount()).isZero();
    links.advance(Duration.ofSeconds(119));
    assertThat(endedCall(wanted, true).local()).isNotEqualTo(wanted);
    links.advance(Duration.ofSeconds(2));
    assertThat(endedCall(wanted, true).local()).isEqualTo(wanted);
  }

  @Test
  void aPortIsFreeAfterOurOwnTimeWait() {
    caller.listenAll(offered::add);
    InetSocketAddress wanted = at(FRONTED, 4000);
    assertThat(endedCall(wanted, /* peerClosesFirst= */ false).local()).isEqualTo(wanted);
    assertThat(front.connectPreferring(at(CALLER, 80), wanted, () -> {}).local())
        .isNotEqualTo(wanted);
    links.advance(Duration.ofSeconds(61));
    assertThat(endedCall(wanted, false).local()).isEqualTo(wanted);
  }

  @Test
  void aRefusedCallLeavesThePortFree() {
    InetSocketAddress wanted = at(FRONTED, 4000);
    Connection refused = front.connectPreferring(at(CALLER, 80), wanted, () -> {});
    links.advance(MOMENT);
    assertThat(refused.tcb().failure()).isEqualTo(TcpFailure.REFUSED);
    assertThat(front.connectPreferring(at(CALLER, 80), wanted, () -> {}).local()).isEqualTo(wanted);
  }
}
