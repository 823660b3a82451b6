package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.FIN;
import static dev.tailbridge.ip.TestPacket.RST;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.icmp;
import static dev.tailbridge.ip.TestPacket.raw;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.TestPacket;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is not forwarded: the reason that is counted, and the answer that is given. */
class RefusalTest {

  private static final byte[] GOOD = udp(CALLER, 1, NODE, 2, bytes(8)).bytes();

  private final ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private static byte[] with(byte[] packet, int at, int value) {
    byte[] copy = packet.clone();
    copy[at] = (byte) value;
    return copy;
  }

  /** Sets the header length and makes the header checksum right again. */
  private static byte[] withOptions() {
    byte[] packet = with(GOOD, 0, 0x46);
    packet[10] = 0;
    packet[11] = 0;
    int checksum = TestPacket.naiveChecksum(packet, 0, 24);
    packet[10] = (byte) (checksum >> 8);
    packet[11] = (byte) checksum;
    return packet;
  }

  static Stream<Arguments> fromNode() {
    return Stream.of(
        Arguments.of(ForwardDrop.MALFORMED, new byte[0]),
        Arguments.of(ForwardDrop.MALFORMED, Arrays.copyOf(GOOD, 19)),
        Arguments.of(ForwardDrop.MALFORMED, Arrays.copyOf(GOOD, GOOD.length - 1)),
        Arguments.of(ForwardDrop.MALFORMED, with(GOOD, 0, 0x75)),
        Arguments.of(ForwardDrop.MALFORMED, with(GOOD, 0, 0x4f)),
        Arguments.of(ForwardDrop.IP_OPTIONS, withOptions()),
        Arguments.of(ForwardDrop.BAD_CHECKSUM, with(GOOD, 10, GOOD[10] + 1)),
        Arguments.of(ForwardDrop.BAD_CHECKSUM, with(GOOD, 30, GOOD[30] + 1)),
        Arguments.of(ForwardDrop.MALFORMED, with(GOOD, 25, GOOD[25] + 1)),
        Arguments.of(ForwardDrop.MALFORMED, raw(CALLER, NODE, 17, bytes(7)).bytes()),
        Arguments.of(ForwardDrop.MALFORMED, raw(CALLER, NODE, 1, bytes(7)).bytes()),
        Arguments.of(ForwardDrop.MALFORMED, raw(CALLER, NODE, 6, bytes(19)).bytes()),
        Arguments.of(ForwardDrop.MALFORMED, tcp(CALLER, 1, NODE, 2, SYN | FIN).bytes()),
        Arguments.of(ForwardDrop.MALFORMED, tcp(CALLER, 1, NODE, 2, SYN | RST).bytes()),
        Arguments.of(ForwardDrop.UNSUPPORTED_PROTOCOL, raw(CALLER, NODE, 47, bytes(8)).bytes()),
        Arguments.of(ForwardDrop.UNSUPPORTED_ICMP, icmp(CALLER, NODE, 13, 0, 0, bytes(12)).bytes()),
        Arguments.of(ForwardDrop.UNSUPPORTED_ICMP, icmp(CALLER, NODE, 5, 0, 0, bytes(28)).bytes()),
        Arguments.of(ForwardDrop.OTHER_DESTINATION, udp(CALLER, 1, OTHER, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.OTHER_DESTINATION, udp(CALLER, 1, DEVICE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp(NODE, 1, NODE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp(BRIDGE, 1, NODE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp("10.6.0.9", 1, NODE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp("224.0.0.1", 1, NODE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp("0.0.0.0", 1, NODE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp("127.0.0.1", 1, NODE, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(CALLER, 1, NODE, 2, ACK).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(CALLER, 1, NODE, 2, SYN | ACK).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(CALLER, 1, NODE, 2, FIN | ACK).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(CALLER, 1, NODE, 2, RST).bytes()),
        Arguments.of(ForwardDrop.TOO_BIG_FOR_DEVICE, udp(CALLER, 1, NODE, 2, bytes(1393)).bytes()));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource
  void fromNode(ForwardDrop reason, byte[] packet) {
    bench.fromNode(packet).onlyDropped(reason);
  }

  static Stream<Arguments> fromDevice() {
    byte[] ipv6 = new byte[48];
    ipv6[0] = 0x60;
    return Stream.of(
        Arguments.of(ForwardDrop.IPV6_FROM_DEVICE, "", ipv6),
        Arguments.of(ForwardDrop.FORGED_SOURCE, "", udp("10.6.0.3", 1, OTHER, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, "", udp(NODE, 1, OTHER, 2, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.NO_EGRESS, "3/0", udp(DEVICE, 1, "8.8.8.8", 53, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.NO_EGRESS, "3/0", tcp(DEVICE, 1, "192.168.1.1", 80, SYN).bytes()),
        Arguments.of(ForwardDrop.NO_EGRESS, "3/0", echo(DEVICE, "100.128.0.1", 8, 1).bytes()),
        Arguments.of(
            ForwardDrop.DEVICE_TO_DEVICE, "3/13", tcp(DEVICE, 1, "10.6.0.9", 80, SYN).bytes()),
        Arguments.of(ForwardDrop.HAIRPIN, "3/1", tcp(DEVICE, 1, NODE, 80, SYN).bytes()),
        Arguments.of(ForwardDrop.HAIRPIN, "3/1", udp(DEVICE, 1, DEVICE, 80, bytes(1)).bytes()),
        Arguments.of(
            ForwardDrop.MULTICAST, "", udp(DEVICE, 1, "224.0.0.251", 5353, bytes(1)).bytes()),
        Arguments.of(
            ForwardDrop.MULTICAST, "", udp(DEVICE, 1, "255.255.255.255", 67, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.MULTICAST, "", udp(DEVICE, 1, "10.6.0.255", 9, bytes(1)).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, "[R]", tcp(DEVICE, 1, OTHER, 80, ACK).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, "[R]", tcp(DEVICE, 80, BRIDGE, 99, ACK).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, "", tcp(DEVICE, 1, OTHER, 80, RST).bytes()),
        Arguments.of(
            ForwardDrop.TOO_BIG_FOR_TAILNET,
            "3/4",
            udp(DEVICE, 1, OTHER, 80, bytes(1253)).dontFragment().bytes()));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource
  void fromDevice(ForwardDrop reason, String answer, byte[] packet) {
    bench.fromDevice(packet);

    assertThat(bench.drops()).containsExactly(reason);
    assertThat(bench.toNode()).isEmpty();
    if (answer.isEmpty()) {
      assertThat(bench.toDevice()).isEmpty();
    } else {
      assertThat(bench.toDevice()).singleElement().asString().endsWith(" " + answer);
    }
  }

  @Test
  void tooBigForTheTailnetQuotesThePacketAsTheDeviceSentIt() {
    byte[] packet = udp(DEVICE, 1, OTHER, 80, bytes(1253)).dontFragment().bytes();

    var error = bench.fromDevice(packet).toDevice().get(0);

    assertThat(bench.drops()).containsExactly(ForwardDrop.TOO_BIG_FOR_TAILNET);
    assertThat(error).hasToString("ICMP 10.6.0.1 > 10.6.0.2 3/4");
    assertThat(error.u16(26)).isEqualTo(1280);
    assertThat(error.quoted()).isEqualTo(Arrays.copyOf(packet, 548));
  }

  @Test
  void withoutANodeNothingGoesOutAndTheDeviceIsTold() {
    bench.forwarder.nodeAddresses(null, null);

    bench.fromDevice(udp(DEVICE, 1, OTHER, 53, bytes(1)));

    assertThat(bench.drops()).containsExactly(ForwardDrop.NO_NODE);
    assertThat(bench.toDevice()).hasToString("[ICMP 10.6.0.1 > 10.6.0.2 3/0]");
    bench.fromNode(udp(CALLER, 1, NODE, 2, bytes(1))).onlyDropped(ForwardDrop.NO_NODE);
  }

  @Test
  void errorsAreNotAnsweredByErrors() {
    bench
        .fromDevice(
            icmp(DEVICE, "8.8.8.8", 3, 3, 0, udp("8.8.8.8", 1, DEVICE, 2, bytes(1)).bytes()))
        .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
  }

  @Test
  void everyReasonHasASentence() {
    for (ForwardDrop reason : ForwardDrop.values()) {
      assertThat(reason.explanation()).hasSizeGreaterThan(20).doesNotEndWith(".");
    }
  }
}
