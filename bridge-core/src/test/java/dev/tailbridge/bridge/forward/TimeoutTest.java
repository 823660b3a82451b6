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

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Timeouts in virtual time, and what gives way in a full table. */
class TimeoutTest {

  private ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private void limitTo(int flows) {
    bench.close();
    ForwardLimits limits = new ForwardLimits(flows, flows, flows, 16, 96 * 1024);
    bench = new ForwardBench(ForwardBench.settings(GATEWAY, limits));
  }

  @Test
  void udpLives5MinutesFromItsLastPacketInEitherDirection() {
    bench.fromNode(udp(CALLER, 1, NODE, 2, bytes(1)));
    bench.pass(Duration.ofSeconds(299)).fromDevice(udp(DEVICE, 2, BRIDGE, 1, bytes(1)));
    bench.pass(Duration.ofSeconds(299)).fromNode(udp(CALLER, 1, NODE, 2, bytes(1)));
    bench.pass(Duration.ofSeconds(299));
    assertThat(bench.forwarder.stats().udpFlows()).isEqualTo(1);

    bench.pass(Duration.ofSeconds(1));

    assertThat(bench.forwarder.stats().udpFlows()).isZero();
    assertThat(bench.drops()).isEmpty();
    bench.toNode();
    bench.toDevice();
    bench.fromDevice(udp(DEVICE, 2, BRIDGE, 1, bytes(1)));
    assertThat(bench.drops()).containsExactly(ForwardDrop.BRIDGE_PORT_CLOSED);
  }

  @Test
  void pingLives60Seconds() {
    bench.fromNode(echo(CALLER, NODE, 8, 1)).onlyToDevice();
    bench.fromDevice(echo(DEVICE, OTHER, 8, 1)).onlyToNode();
    bench.pass(Duration.ofSeconds(59));
    assertThat(bench.forwarder.stats().pings()).isEqualTo(2);

    bench.pass(Duration.ofSeconds(1));

    assertThat(bench.forwarder.stats().pings()).isZero();
    bench.fromDevice(echo(DEVICE, BRIDGE, 0, 1)).onlyDropped(ForwardDrop.REPLY_TO_NOTHING);
  }

  @Test
  void flowsOfDifferentAgeEachEndAtTheirOwnTime() {
    for (int i = 0; i < 10; i++) {
      bench.fromNode(udp(CALLER, 100 + i, NODE, 2, bytes(1)));
      bench.pass(Duration.ofSeconds(10));
    }
    bench.pass(Duration.ofSeconds(199));
    for (int left = 10; left > 0; left--) {
      assertThat(bench.forwarder.stats().udpFlows()).isEqualTo(left);
      bench.pass(Duration.ofSeconds(10));
    }
    assertThat(bench.forwarder.stats().udpFlows()).isZero();
  }

  @Test
  void aShortLifeAmongLongOnesEndsInTime() {
    for (int port = 1; port <= 3; port++) {
      bench.fromNode(tcp(CALLER, port, NODE, 80, SYN));
      bench.fromDevice(tcp(DEVICE, 80, BRIDGE, port, SYN | ACK));
      bench.fromNode(tcp(CALLER, port, NODE, 80, ACK));
      bench.pass(Duration.ofMinutes(5));
    }
    bench.fromNode(tcp(CALLER, 4, NODE, 80, SYN));
    bench.fromNode(tcp(CALLER, 2, NODE, 80, RST));

    bench.pass(Duration.ofMinutes(2));
    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(3);
    bench.pass(Duration.ofMinutes(2));
    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(2);
  }

  @Test
  void theClockMayRunOverTheLargestLong() {
    bench.now = Long.MAX_VALUE - Duration.ofMinutes(6).toNanos();
    bench.fromNode(udp(CALLER, 1, NODE, 2, bytes(1))).onlyToDevice();

    bench.pass(Duration.ofMinutes(10));

    assertThat(bench.forwarder.stats().udpFlows()).isZero();
  }

  @Test
  void tuplesUsedAgainLeaveNothingBehindThatCouldGiveWayForThem() {
    ForwardLimits limits = new ForwardLimits(4, 4, 4, 16, 96 * 1024);
    bench.close();
    bench = new ForwardBench(ForwardBench.settings(CLIENT, limits));
    for (int i = 0; i < 10; i++) {
      bench.fromNode(tcp(CALLER, 1, NODE, 80, SYN)).onlyToDevice();
      bench.fromDevice(tcp(DEVICE, 80, CALLER, 1, i < 9 ? RST | ACK : SYN | ACK)).onlyToNode();
      bench.fromDevice(tcp(DEVICE, 2, OTHER, 80, SYN)).onlyToNode();
      bench.fromNode(tcp(OTHER, 80, NODE, 2, i < 9 ? RST | ACK : SYN | ACK)).onlyToDevice();
    }
    bench.fromNode(tcp(CALLER, 1, NODE, 80, ACK)).onlyToDevice();
    bench.fromDevice(tcp(DEVICE, 2, OTHER, 80, ACK)).onlyToNode();

    for (int port = 10; port < 40; port++) {
      bench.fromNode(tcp(CALLER, port, NODE, 80, SYN)).onlyToDevice();
    }

    bench.fromNode(tcp(CALLER, 1, NODE, 80, ACK)).onlyToDevice();
    bench.fromDevice(tcp(DEVICE, 80, CALLER, 1, ACK)).onlyToNode();
    bench.fromDevice(tcp(DEVICE, 2, OTHER, 80, ACK)).onlyToNode();
    bench.fromNode(tcp(OTHER, 80, NODE, 2, ACK)).onlyToDevice();
  }

  @Test
  void openingsThatNobodyAnsweredGiveWayOldestFirst() {
    limitTo(4);
    bench.fromNode(tcp(CALLER, 1, NODE, 80, SYN));
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 1, SYN | ACK));
    bench.fromNode(tcp(CALLER, 1, NODE, 80, ACK));
    for (int port = 2; port < 1000; port++) {
      bench.fromNode(tcp(CALLER, port, NODE, 80, SYN));
    }

    assertThat(bench.drops()).isEmpty();
    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(4);
    assertThat(bench.forwarder.stats().flowsGivenUp()).isEqualTo(995);
    bench.toDevice();
    bench.toNode();
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 1, ACK)).onlyToNode();
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 999, SYN | ACK)).onlyToNode();
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 996, SYN | ACK));
    assertThat(bench.drops()).containsExactly(ForwardDrop.NOT_A_FLOW);
  }

  @Test
  void establishedConnectionsDoNotGiveWay() {
    limitTo(3);
    for (int port = 1; port <= 3; port++) {
      bench.fromNode(tcp(CALLER, port, NODE, 80, SYN));
      bench.fromDevice(tcp(DEVICE, 80, BRIDGE, port, SYN | ACK));
      bench.fromNode(tcp(CALLER, port, NODE, 80, ACK));
    }
    bench.toDevice();
    bench.toNode();

    bench.fromNode(tcp(CALLER, 4, NODE, 80, SYN)).onlyDropped(ForwardDrop.TABLE_FULL);
    bench.fromDevice(tcp(DEVICE, 4, OTHER, 80, SYN)).onlyDropped(ForwardDrop.TABLE_FULL);

    bench.fromNode(tcp(CALLER, 2, NODE, 80, RST)).onlyToDevice();
    bench.fromNode(tcp(CALLER, 4, NODE, 80, SYN)).onlyToDevice();
  }

  @Test
  void answeredUdpGivesWayIfNothingElseDoesLongestIdleFirst() {
    limitTo(3);
    for (int port = 1; port <= 3; port++) {
      bench.fromNode(udp(CALLER, port, NODE, 9, bytes(1)));
      bench.fromDevice(udp(DEVICE, 9, BRIDGE, port, bytes(1)));
      bench.pass(Duration.ofSeconds(1));
    }
    bench.fromNode(udp(CALLER, 1, NODE, 9, bytes(1)));
    bench.toDevice();
    bench.toNode();

    bench.fromNode(udp(OTHER, 50, NODE, 9, bytes(1))).onlyToDevice();

    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1))).onlyToNode();
    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 2, bytes(1)));
    assertThat(bench.drops()).containsExactly(ForwardDrop.BRIDGE_PORT_CLOSED);
  }
}
