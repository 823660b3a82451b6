package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.CLIENT;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.RST;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.bridge.forward.PortPolicy.Range;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket6;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a device's ports let in, and what they leave alone. */
class PortPolicyTest {

  private static final String SYN6 = "1234%04x01020304000000005002100000000000";

  /** Ports 80 and 8000 to 8100, and 8200 that leads to 80. */
  private static final PortMap SOME =
      PortMap.of(
          List.of(new Range(80, 80, 80), new Range(8000, 8100, 8000), new Range(8200, 8200, 80)));

  private static final PortMap NONE = PortMap.of(List.of());

  private static ForwardBench bench(ForwardSettings.Source source, PortPolicy ports) {
    return new ForwardBench(ForwardBench.settings(source, ForwardLimits.DEFAULT).withPorts(ports));
  }

  private static ForwardBench some(ForwardSettings.Source source) {
    return bench(source, new PortPolicy(SOME, SOME, false));
  }

  @Test
  void portsAndRangesAndMappings() {
    assertThat(SOME.devicePort(79)).isEqualTo(PortMap.CLOSED);
    assertThat(SOME.devicePort(80)).isEqualTo(80);
    assertThat(SOME.devicePort(81)).isEqualTo(PortMap.CLOSED);
    assertThat(SOME.devicePort(7999)).isEqualTo(PortMap.CLOSED);
    assertThat(SOME.devicePort(8000)).isEqualTo(8000);
    assertThat(SOME.devicePort(8100)).isEqualTo(8100);
    assertThat(SOME.devicePort(8101)).isEqualTo(PortMap.CLOSED);
    assertThat(SOME.devicePort(8200)).isEqualTo(80);
    assertThat(PortMap.all().devicePort(0)).isZero();
    assertThat(PortMap.all().devicePort(65535)).isEqualTo(65535);
    assertThat(NONE.devicePort(80)).isEqualTo(PortMap.CLOSED);
  }

  @Test
  void closedPortsAreSilentForCallersOfBothFamilies() {
    try (ForwardBench bench = some(GATEWAY)) {
      bench.fromNode(tcp(CALLER, 4000, NODE, 81, SYN)).onlyDropped(ForwardDrop.PORT_CLOSED);
      bench.fromNode(udp(CALLER, 4000, NODE, 7999, bytes(3))).onlyDropped(ForwardDrop.PORT_CLOSED);
      bench.fromNode(echo(CALLER, NODE, 8, 1)).onlyDropped(ForwardDrop.PORT_CLOSED);
      bench
          .fromNode(TestPacket6.udp(CALLER6, 4000, NODE6, 81, bytes(3)))
          .onlyDropped(ForwardDrop.PORT_CLOSED);
      bench.fromNode(TestPacket6.echo(CALLER6, NODE6, 128, 1)).onlyDropped(ForwardDrop.PORT_CLOSED);
      bench.fromNode(syn6(81)).onlyDropped(ForwardDrop.PORT_CLOSED);
      assertThat(bench.forwarder.stats().tcpFlows()).isZero();
      assertThat(bench.forwarder.stats().udpFlows()).isZero();
      assertThat(bench.forwarder.stats().pings()).isZero();
    }
  }

  /** Routed TCP over IPv6 is refused; only at an open port does the caller hear that. */
  @Test
  void anOpenPortOfRoutedTcpTellsIpv6CallersToFallBack() {
    try (ForwardBench bench = some(GATEWAY)) {
      bench.fromNode(syn6(80));
      assertThat(bench.drops()).containsExactly(ForwardDrop.IPV6_CALLER);
      assertThat(bench.toNode()).hasSize(1);
    }
  }

  private static TestPacket6 syn6(int port) {
    return TestPacket6.raw(CALLER6, NODE6, 6, ByteBufUtil.decodeHexDump(SYN6.formatted(port)));
  }

  @Test
  void whatTheDeviceStartsIsNotAffected() {
    try (ForwardBench bench = bench(GATEWAY, new PortPolicy(NONE, NONE, false))) {
      bench.fromDevice(udp(DEVICE, 5000, CALLER, 53, bytes(3))).onlyToNode();
      assertThat(bench.fromNode(udp(CALLER, 53, NODE, 5000, bytes(3))).onlyToDevice())
          .hasToString("UDP " + CALLER + ":53 > " + DEVICE + ":5000");
      bench.fromDevice(tcp(DEVICE, 5000, CALLER, 80, SYN)).onlyToNode();
      bench.fromNode(tcp(CALLER, 80, NODE, 5000, SYN | ACK)).onlyToDevice();
      bench.fromDevice(echo(DEVICE, CALLER, 8, 7)).onlyToNode();
      bench.fromNode(echo(CALLER, NODE, 0, 7)).onlyToDevice();
    }
  }

  @Test
  void aMappedPortOfTcpAnswersUnderItsOwnNumber() {
    try (ForwardBench bench = some(GATEWAY)) {
      SeenPacket syn = bench.fromNode(tcp(CALLER, 4000, NODE, 8200, SYN)).onlyToDevice();
      assertThat(syn.destinationPort()).isEqualTo(80);
      assertThat(
              bench
                  .fromDevice(tcp(DEVICE, 80, syn.source(), syn.sourcePort(), SYN | ACK))
                  .onlyToNode())
          .hasToString("TCP " + NODE + ":8200 > " + CALLER + ":4000 [SA]");
    }
  }

  /** The device could not tell them apart, so one of them gets another port. */
  @Test
  void twoPortsOfOneCallerToOnePortOfTheDeviceStayApartWithoutAGateway() {
    try (ForwardBench bench = some(CLIENT)) {
      SeenPacket one = bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(3))).onlyToDevice();
      SeenPacket two = bench.fromNode(udp(CALLER, 4000, NODE, 8200, bytes(3))).onlyToDevice();
      assertThat(one.source()).isEqualTo(CALLER);
      assertThat(one.sourcePort()).isEqualTo(4000);
      assertThat(two.source()).isEqualTo(CALLER);
      assertThat(two.sourcePort()).isNotEqualTo(4000);
      assertThat(bench.fromDevice(udp(DEVICE, 80, CALLER, 4000, bytes(1))).onlyToNode())
          .hasToString("UDP " + NODE + ":80 > " + CALLER + ":4000");
      assertThat(bench.fromDevice(udp(DEVICE, 80, CALLER, two.sourcePort(), bytes(1))).onlyToNode())
          .hasToString("UDP " + NODE + ":8200 > " + CALLER + ":4000");
    }
  }

  /** Port 80 of the tailnet is 8080 of the device, which sends from its own port 80 besides. */
  @Test
  void theDevicesOwnFlowDoesNotTakeAMappedCallersPlace() {
    PortMap crossed = PortMap.of(List.of(new Range(80, 80, 8080)));
    try (ForwardBench bench = bench(CLIENT, new PortPolicy(crossed, crossed, true))) {
      bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(3))).onlyToDevice();
      SeenPacket own = bench.fromDevice(udp(DEVICE, 80, CALLER, 4000, bytes(3))).onlyToNode();
      assertThat(own.sourcePort()).isNotEqualTo(80);
      assertThat(bench.fromNode(udp(CALLER, 4000, NODE, own.sourcePort(), bytes(3))).onlyToDevice())
          .hasToString("UDP " + CALLER + ":4000 > " + DEVICE + ":80");
      assertThat(bench.fromNode(udp(CALLER, 4000, NODE, 80, bytes(3))).onlyToDevice())
          .hasToString("UDP " + CALLER + ":4000 > " + DEVICE + ":8080");
      assertThat(bench.fromDevice(udp(DEVICE, 8080, CALLER, 4000, bytes(3))).onlyToNode())
          .hasToString("UDP " + NODE + ":80 > " + CALLER + ":4000");
    }
  }

  /** A refused connection of a mapped port may come again; an ended flow is asked about anew. */
  @Test
  void aNewConnectionAfterAnEndedOneIsMappedToo() {
    for (ForwardSettings.Source source : ForwardSettings.Source.values()) {
      try (ForwardBench bench = some(source)) {
        SeenPacket first = bench.fromNode(tcp(CALLER, 4000, NODE, 8200, SYN)).onlyToDevice();
        bench
            .fromDevice(tcp(DEVICE, 80, first.source(), first.sourcePort(), RST | ACK))
            .onlyToNode();
        SeenPacket again = bench.fromNode(tcp(CALLER, 4000, NODE, 8200, SYN)).onlyToDevice();
        assertThat(again.destinationPort()).isEqualTo(80);
        assertThat(
                bench
                    .fromDevice(tcp(DEVICE, 80, again.source(), again.sourcePort(), SYN | ACK))
                    .onlyToNode())
            .hasToString("TCP " + NODE + ":8200 > " + CALLER + ":4000 [SA]");
      }
    }
  }
}
