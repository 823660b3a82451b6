package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
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

import dev.tailbridge.ip.SeenPacket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TranslationTest {

  private ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private void use(ForwardSettings.Source source) {
    bench.close();
    bench = new ForwardBench(source);
  }

  @ParameterizedTest
  @EnumSource
  void callersReachTheDeviceAndItsAnswersReachThem(ForwardSettings.Source source) {
    use(source);
    String face = source == GATEWAY ? BRIDGE : CALLER;

    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, SYN)).onlyToDevice())
        .hasToString("TCP " + face + ":41000 > 10.6.0.2:80 [S]");
    assertThat(bench.fromDevice(tcp(DEVICE, 80, face, 41000, SYN | ACK)).onlyToNode())
        .hasToString("TCP 100.64.0.3:80 > 100.64.0.7:41000 [SA]");
    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, ACK)).onlyToDevice())
        .hasToString("TCP " + face + ":41000 > 10.6.0.2:80 [A]");

    assertThat(bench.fromNode(udp(CALLER, 41000, NODE, 5353, bytes(3))).onlyToDevice())
        .hasToString("UDP " + face + ":41000 > 10.6.0.2:5353");
    assertThat(bench.fromDevice(udp(DEVICE, 5353, face, 41000, bytes(3))).onlyToNode())
        .hasToString("UDP 100.64.0.3:5353 > 100.64.0.7:41000");

    assertThat(bench.fromNode(echo(CALLER, NODE, 8, 77)).onlyToDevice())
        .hasToString("ICMP " + face + " > 10.6.0.2 8/0 id 77");
    assertThat(bench.fromDevice(echo(DEVICE, face, 0, 77)).onlyToNode())
        .hasToString("ICMP 100.64.0.3 > 100.64.0.7 0/0 id 77");
  }

  @ParameterizedTest
  @EnumSource
  void theDeviceReachesTheTailnetAndIsAnswered(ForwardSettings.Source source) {
    use(source);

    assertThat(bench.fromDevice(tcp(DEVICE, 50000, OTHER, 1883, SYN)).onlyToNode())
        .hasToString("TCP 100.64.0.3:50000 > 100.64.0.8:1883 [S]");
    assertThat(bench.fromNode(tcp(OTHER, 1883, NODE, 50000, SYN | ACK)).onlyToDevice())
        .hasToString("TCP 100.64.0.8:1883 > 10.6.0.2:50000 [SA]");

    assertThat(bench.fromDevice(udp(DEVICE, 50000, "100.100.100.100", 53, bytes(3))).onlyToNode())
        .hasToString("UDP 100.64.0.3:50000 > 100.100.100.100:53");
    assertThat(bench.fromNode(udp("100.100.100.100", 53, NODE, 50000, bytes(3))).onlyToDevice())
        .hasToString("UDP 100.100.100.100:53 > 10.6.0.2:50000");

    assertThat(bench.fromDevice(echo(DEVICE, OTHER, 8, 5)).onlyToNode())
        .hasToString("ICMP 100.64.0.3 > 100.64.0.8 8/0 id 5");
    assertThat(bench.fromNode(echo(OTHER, NODE, 0, 5)).onlyToDevice())
        .hasToString("ICMP 100.64.0.8 > 10.6.0.2 0/0 id 5");
  }

  @Test
  void aTakenPortIsReplacedByOneFrom1024() {
    bench.fromNode(udp(CALLER, 500, NODE, 9, bytes(1))).onlyToDevice();

    assertThat(bench.fromNode(udp(OTHER, 500, NODE, 9, bytes(1))).onlyToDevice())
        .hasToString("UDP 10.6.0.1:1024 > 10.6.0.2:9");
    assertThat(bench.fromNode(udp(OTHER, 500, NODE, 10, bytes(1))).onlyToDevice())
        .as("free for another port of the device")
        .hasToString("UDP 10.6.0.1:500 > 10.6.0.2:10");
    assertThat(bench.fromNode(tcp(OTHER, 500, NODE, 9, SYN)).onlyToDevice())
        .as("free for another protocol")
        .hasToString("TCP 10.6.0.1:500 > 10.6.0.2:9 [S]");
    assertThat(bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1024, bytes(1))).onlyToNode())
        .hasToString("UDP 100.64.0.3:9 > 100.64.0.8:500");
    assertThat(bench.fromDevice(udp(DEVICE, 9, BRIDGE, 500, bytes(1))).onlyToNode())
        .hasToString("UDP 100.64.0.3:9 > 100.64.0.7:500");
  }

  @Test
  void pingsOfTwoCallersWithOneIdentifierAreKeptApart() {
    bench.fromNode(echo(CALLER, NODE, 8, 1)).onlyToDevice();

    assertThat(bench.fromNode(echo(OTHER, NODE, 8, 1)).onlyToDevice())
        .hasToString("ICMP 10.6.0.1 > 10.6.0.2 8/0 id 1024");
    assertThat(bench.fromDevice(echo(DEVICE, BRIDGE, 0, 1024)).onlyToNode())
        .hasToString("ICMP 100.64.0.3 > 100.64.0.8 0/0 id 1");
    assertThat(bench.fromDevice(echo(DEVICE, BRIDGE, 0, 1)).onlyToNode())
        .hasToString("ICMP 100.64.0.3 > 100.64.0.7 0/0 id 1");
  }

  @Test
  void aCallersPingAndTheDevicesOwnWithOneIdentifierAreKeptApart() {
    bench.fromDevice(echo(DEVICE, CALLER, 8, 5)).onlyToNode();
    bench.fromNode(echo(CALLER, NODE, 8, 5)).onlyToDevice();

    assertThat(bench.fromNode(echo(CALLER, NODE, 0, 5)).onlyToDevice())
        .hasToString("ICMP 100.64.0.7 > 10.6.0.2 0/0 id 5");
    assertThat(bench.fromDevice(echo(DEVICE, BRIDGE, 0, 5)).onlyToNode())
        .hasToString("ICMP 100.64.0.3 > 100.64.0.7 0/0 id 5");
  }

  @Test
  void theBridgeAnswersPingItselfEvenWithAnIdentifierInUse() {
    bench.fromNode(echo(CALLER, NODE, 8, 5)).onlyToDevice();

    SeenPacket reply = bench.fromDevice(echo(DEVICE, BRIDGE, 8, 5).ttl(3)).onlyToDevice();

    assertThat(reply).hasToString("ICMP 10.6.0.1 > 10.6.0.2 0/0 id 5");
    assertThat(reply.ttl()).isEqualTo(64);
  }

  @Test
  void theBridgeAnswersPingWithoutANode() {
    bench.forwarder.nodeAddresses(null, null);

    assertThat(bench.fromDevice(echo(DEVICE, BRIDGE, 8, 5)).onlyToDevice())
        .hasToString("ICMP 10.6.0.1 > 10.6.0.2 0/0 id 5");
  }

  @Test
  void aReplyToAPingThatNobodySentGoesNowhere() {
    bench.fromDevice(echo(DEVICE, BRIDGE, 0, 5)).onlyDropped(ForwardDrop.REPLY_TO_NOTHING);
    bench.fromNode(echo(CALLER, NODE, 0, 5)).onlyDropped(ForwardDrop.REPLY_TO_NOTHING);
  }

  @Test
  void closedPortsOfTheBridgeRefuseAtOnce() {
    bench.fromDevice(udp(DEVICE, 5000, BRIDGE, 53, bytes(4)));
    assertThat(bench.toDevice()).hasToString("[ICMP 10.6.0.1 > 10.6.0.2 3/3]");
    assertThat(bench.drops()).containsExactly(ForwardDrop.BRIDGE_PORT_CLOSED);

    bench.fromDevice(tcp(DEVICE, 5000, BRIDGE, 80, SYN));
    assertThat(bench.toDevice()).hasToString("[TCP 10.6.0.1:80 > 10.6.0.2:5000 [RA]]");
    assertThat(bench.drops()).containsExactly(ForwardDrop.BRIDGE_PORT_CLOSED);

    bench.fromDevice(tcp(DEVICE, 5000, BRIDGE, 80, RST)).onlyDropped(ForwardDrop.NOT_A_FLOW);
  }

  @Test
  void refusalsOfTheDeviceAreLimitedInRate() {
    for (int i = 0; i < 1000; i++) {
      bench.fromDevice(udp(DEVICE, 5000, "8.8.8.8", 53, bytes(4)));
    }
    assertThat(bench.toDevice()).hasSize(100);
    bench.pass(Duration.ofSeconds(1));
    for (int i = 0; i < 1000; i++) {
      bench.fromDevice(udp(DEVICE, 5000, "8.8.8.8", 53, bytes(4)));
    }
    assertThat(bench.toDevice()).hasSize(50);
    bench.pass(Duration.ofHours(1));
    for (int i = 0; i < 1000; i++) {
      bench.fromDevice(udp(DEVICE, 5000, "8.8.8.8", 53, bytes(4)));
    }
    assertThat(bench.toDevice()).hasSize(100);
    assertThat(bench.drops()).hasSize(3000).containsOnly(ForwardDrop.NO_EGRESS);
  }

  @Test
  void whatTheNodeWouldDropForItsChecksumIsFilledIn() {
    SeenPacket seen =
        bench.fromDevice(udp(DEVICE, 50000, OTHER, 53, bytes(5)).withoutChecksum()).onlyToNode();

    assertThat(seen.u16(26)).isNotZero();
    assertThat(seen.bytes()).isEqualTo(udp(NODE, 50000, OTHER, 53, bytes(5)).bytes());
  }

  @ParameterizedTest
  @EnumSource
  void segmentSizesAreClampedBothWays(ForwardSettings.Source source) {
    use(source);
    byte[] large = {2, 4, 0x05, (byte) 0xb4};
    byte[] small = {2, 4, 0x02, 0x18};
    byte[] none = {};
    String face = source == CLIENT ? CALLER : BRIDGE;

    bench.fromNode(tcp(CALLER, 1, NODE, 80, SYN, large, none));
    assertThat(bench.onlyToDevice().u16(42)).isEqualTo(1240);
    bench.fromDevice(tcp(DEVICE, 80, face, 1, SYN | ACK, large, none));
    assertThat(bench.onlyToNode().u16(42)).isEqualTo(1240);
    bench.fromDevice(tcp(DEVICE, 2, OTHER, 80, SYN, large, none));
    assertThat(bench.onlyToNode().u16(42)).isEqualTo(1240);
    bench.fromNode(tcp(CALLER, 3, NODE, 80, SYN, small, none));
    assertThat(bench.onlyToDevice().u16(42)).isEqualTo(536);
    bench.fromNode(tcp(CALLER, 4, NODE, 80, SYN, none, none));
    assertThat(bench.onlyToDevice().size()).isEqualTo(40);
  }

  @Test
  void whatFitsTheDevicesLinkExactlyGoesThrough() {
    assertThat(bench.fromNode(udp(CALLER, 1, NODE, 2, bytes(1392))).onlyToDevice().size())
        .isEqualTo(1420);
  }

  @Test
  void ttlAndIdentificationStayAsTheyAre() {
    SeenPacket in =
        bench
            .fromNode(udp(CALLER, 1, NODE, 2, bytes(1)).ttl(1).identification(9).dontFragment())
            .onlyToDevice();
    assertThat(in.ttl()).isEqualTo(1);
    assertThat(in.identification()).isEqualTo(9);
    assertThat(in.dontFragment()).isTrue();
  }

  @Test
  void aDeviceThatAnswersByTheCallersOwnAddressIsUnderstood() {
    bench.fromNode(udp(CALLER, 7000, NODE, 5000, bytes(1))).onlyToDevice();

    assertThat(bench.fromDevice(udp(DEVICE, 5000, CALLER, 7000, bytes(1))).onlyToNode())
        .hasToString("UDP 100.64.0.3:5000 > 100.64.0.7:7000");
    assertThat(bench.fromNode(udp(CALLER, 7000, NODE, 5000, bytes(1))).onlyToDevice())
        .as("the newer flow has the tuple")
        .hasToString("UDP 100.64.0.7:7000 > 10.6.0.2:5000");
    assertThat(bench.fromDevice(udp(DEVICE, 5000, BRIDGE, 7000, bytes(1))).onlyToNode())
        .as("the older one's answers still arrive")
        .hasToString("UDP 100.64.0.3:5000 > 100.64.0.7:7000");
  }

  @Test
  void callersBehindASubnetRouterAreAnsweredToo() {
    use(CLIENT);
    bench.fromNode(udp("192.168.7.5", 7000, NODE, 5000, bytes(1))).onlyToDevice();

    assertThat(bench.fromDevice(udp(DEVICE, 5000, "192.168.7.5", 7000, bytes(1))).onlyToNode())
        .hasToString("UDP 100.64.0.3:5000 > 192.168.7.5:7000");
  }

  @Test
  void anotherNodeAddressEndsAllFlowsAndHavingNoneForAWhileDoesNot() {
    bench.fromNode(udp(CALLER, 7000, NODE, 5000, bytes(1))).onlyToDevice();

    bench.forwarder.nodeAddresses(null, null);
    bench.fromNode(udp(CALLER, 7000, NODE, 5000, bytes(1))).onlyDropped(ForwardDrop.NO_NODE);
    bench.forwarder.nodeAddresses(ForwardBench.v4(NODE), null);
    bench.fromDevice(udp(DEVICE, 5000, BRIDGE, 7000, bytes(1))).onlyToNode();

    bench.forwarder.nodeAddresses(ForwardBench.v4("100.64.0.4"), null);
    assertThat(bench.forwarder.stats().udpFlows()).isZero();
    bench
        .fromNode(udp(CALLER, 7000, NODE, 5000, bytes(1)))
        .onlyDropped(ForwardDrop.OTHER_DESTINATION);
  }

  @Test
  void statisticsCountBothWays() {
    bench.fromNode(udp(CALLER, 7000, NODE, 5000, bytes(2))).onlyToDevice();
    bench.fromDevice(udp(DEVICE, 5000, BRIDGE, 7000, bytes(12))).onlyToNode();
    bench.fromDevice(udp(DEVICE, 5000, "1.1.1.1", 7000, bytes(4)));

    ForwardStats stats = bench.forwarder.stats();

    assertThat(stats)
        .isEqualTo(new ForwardStats(1, 30, 2, 30 + 28 + 32, 2, 72, 1, 40, 0, 1, 0, 0, 0));
  }
}
