package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
import static dev.tailbridge.bridge.forward.ForwardBench.v4;
import static dev.tailbridge.bridge.forward.ForwardBench.v6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.CLIENT;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket6;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Packets of the forwarder while it is asked whose they are; the bench sees to it that none that
 * waits is leaked.
 */
class CallerGateTest {

  private static final String SYN6 = "1234005001020304000000005002100000000000";

  private final ForwardBench bench = new ForwardBench(CLIENT);
  private final List<InetAddress> asked = new ArrayList<>();
  private final CallerPolicy policy =
      new CallerPolicy(List.of("alice"), (caller, to) -> asked.add(caller), (at, who) -> {});

  CallerGateTest() {
    bench.forwarder.judgeCallers(policy);
  }

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private void answer(InetAddress caller, String login) {
    policy.answered(caller, new Caller(login, "laptop", List.of()), bench.now);
  }

  @Test
  void firstPacketsWaitAndGoOnInTheirOrder() {
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1)));
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(2)));
    bench.fromNode(tcp(CALLER, 4001, NODE, 80, SYN));
    bench.fromNode(echo(CALLER, NODE, 8, 5));
    assertThat(bench.toDevice()).isEmpty();
    assertThat(asked).containsExactly(v4(CALLER));

    answer(v4(CALLER), "alice");

    List<SeenPacket> seen = bench.toDevice();
    assertThat(seen).extracting(SeenPacket::protocol).containsExactly(17, 17, 6, 1);
    assertThat(seen.get(0).size()).isEqualTo(29);
    assertThat(seen.get(1).size()).isEqualTo(30);
    assertThat(bench.drops()).isEmpty();
    bench.fromNode(udp(CALLER, 4002, NODE, 80, bytes(1))).onlyToDevice();
    assertThat(asked).hasSize(1);
  }

  @Test
  void whoMayNotCallMeetsSilenceInBothFamilies() {
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1)));
    bench.fromNode(tcp(CALLER, 4001, NODE, 80, SYN));
    answer(v4(CALLER), "bob");
    assertThat(bench.drops()).containsExactly(ForwardDrop.CALLER_DENIED, ForwardDrop.CALLER_DENIED);
    bench.fromNode(echo(CALLER, NODE, 8, 5)).onlyDropped(ForwardDrop.CALLER_DENIED);

    bench.fromNode(TestPacket6.udp(CALLER6, 4000, NODE6, 80, bytes(1)));
    assertThat(asked).containsExactly(v4(CALLER), v6(CALLER6));
    answer(v6(CALLER6), "bob");
    bench.onlyDropped(ForwardDrop.CALLER_DENIED);
    bench.fromNode(TestPacket6.echo(CALLER6, NODE6, 128, 1)).onlyDropped(ForwardDrop.CALLER_DENIED);
    bench.fromNode(syn6()).onlyDropped(ForwardDrop.CALLER_DENIED);
  }

  /** Its SYN comes again when the answer is there, so it need not wait. */
  @Test
  void routedTcpOfIpv6CallersIsResetOnlyForThoseWhoMayCall() {
    bench.fromNode(syn6()).onlyDropped(ForwardDrop.CALLERS_WAITING);
    answer(v6(CALLER6), "alice");
    bench.fromNode(syn6());
    assertThat(bench.drops()).containsExactly(ForwardDrop.IPV6_CALLER);
    assertThat(bench.toNode()).hasSize(1);
  }

  private static TestPacket6 syn6() {
    return TestPacket6.raw(CALLER6, NODE6, 6, ByteBufUtil.decodeHexDump(SYN6));
  }

  @Test
  void anIpv6CallerWhoMayCallIsTranslatedAfterTheWait() {
    bench.fromNode(TestPacket6.udp(CALLER6, 4000, NODE6, 80, bytes(7)));
    answer(v6(CALLER6), "alice");
    SeenPacket seen = bench.onlyToDevice();
    assertThat(
            bench
                .fromDevice(udp(DEVICE, 80, seen.source(), seen.sourcePort(), bytes(1)))
                .onlyToNode())
        .hasToString("UDP fd7a:115c:a1e0:0:0:0:0:3:80 > fd7a:115c:a1e0:0:0:0:0:7:4000");
  }

  @Test
  void theNinthPacketDoesNotWait() {
    for (int i = 0; i < 8; i++) {
      bench.fromNode(udp(CALLER, 4000 + i, NODE, 80, bytes(1)));
    }
    assertThat(bench.drops()).isEmpty();
    bench.fromNode(udp(CALLER, 4009, NODE, 80, bytes(1))).onlyDropped(ForwardDrop.CALLERS_WAITING);
    bench.fromNode(udp(OTHER, 4000, NODE, 80, bytes(1)));
    assertThat(bench.drops()).as("another caller has a wait of its own").isEmpty();
    answer(v4(CALLER), "alice");
    assertThat(bench.toDevice()).hasSize(8);
  }

  @Test
  void aSecondWithoutAnAnswerEndsTheWait() {
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1)));
    bench.pass(Duration.ofMillis(999));
    assertThat(bench.drops()).isEmpty();
    bench.pass(Duration.ofMillis(1)).onlyDropped(ForwardDrop.CALLER_UNKNOWN);
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1))).onlyDropped(ForwardDrop.CALLER_UNKNOWN);
  }

  @Test
  void anEstablishedFlowIsNotAskedAboutAgain() {
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1)));
    bench.fromNode(tcp(CALLER, 4001, NODE, 80, SYN));
    answer(v4(CALLER), "alice");
    bench.toDevice();
    bench.pass(Duration.ofMinutes(2));
    policy.tailnetChanged();
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1))).onlyToDevice();
    bench.fromNode(tcp(CALLER, 4001, NODE, 80, ACK)).onlyToDevice();
    assertThat(asked).hasSize(1);
  }

  @Test
  void whatTheDeviceStartsIsNotAskedAbout() {
    bench.fromDevice(udp(DEVICE, 5000, CALLER, 53, bytes(3))).onlyToNode();
    bench.fromNode(udp(CALLER, 53, NODE, 5000, bytes(3))).onlyToDevice();
    assertThat(asked).isEmpty();
  }

  @Test
  void anotherAddressOfTheNodeEndsTheWait() {
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1)));
    bench.forwarder.nodeAddresses(v4("100.64.0.99"), v6(NODE6));
    answer(v4(CALLER), "alice");
    assertThat(bench.toDevice()).isEmpty();
  }

  /** Closing the bench finds no buffer left. */
  @Test
  void whatStillWaitsAtTheEndIsReleased() {
    bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(1)));
    assertThat(policy.waiting()).isEqualTo(1);
  }

  @Test
  void aClosedPortIsNoReasonToAsk() {
    ForwardSettings settings =
        ForwardBench.settings(GATEWAY, ForwardLimits.DEFAULT)
            .withPorts(
                new PortPolicy(PortPolicy.PortMap.of(List.of()), PortPolicy.PortMap.all(), true));
    try (ForwardBench closed = new ForwardBench(settings)) {
      closed.forwarder.judgeCallers(policy);
      closed.fromNode(tcp(CALLER, 4001, NODE, 80, SYN)).onlyDropped(ForwardDrop.PORT_CLOSED);
      assertThat(asked).isEmpty();
    }
  }
}
