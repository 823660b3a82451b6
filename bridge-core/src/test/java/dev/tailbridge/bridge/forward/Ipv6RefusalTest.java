package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket6.echo;
import static dev.tailbridge.ip.TestPacket6.icmp;
import static dev.tailbridge.ip.TestPacket6.raw;
import static dev.tailbridge.ip.TestPacket6.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket6;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What IPv6 callers cannot have: TCP is answered with a reset, the rest with silence. */
class Ipv6RefusalTest {

  private static final String SYN = "1234005001020304000000005002100000000000";
  private static final String RESET =
      "TCP fd7a:115c:a1e0:0:0:0:0:3:80 > fd7a:115c:a1e0:0:0:0:0:7:4660 [RA]";

  private final ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private static TestPacket6 tcp(String segment) {
    return raw(CALLER6, NODE6, 6, ByteBufUtil.decodeHexDump(segment));
  }

  private SeenPacket onlyAnswer(TestPacket6 packet) {
    bench.fromNode(packet);
    assertThat(bench.drops()).containsExactly(ForwardDrop.IPV6_CALLER);
    assertThat(bench.toDevice()).isEmpty();
    List<SeenPacket> answers = bench.toNode();
    assertThat(answers).hasSize(1);
    return answers.get(0);
  }

  @Test
  void connectionAttemptsAreReset() {
    SeenPacket reset = onlyAnswer(tcp(SYN));

    assertThat(reset).hasToString(RESET);
    assertThat(reset.u32(48)).as("acknowledges the SYN").isEqualTo(0x01020305);
  }

  @Test
  void extensionHeadersAreSteppedOver() {
    assertThat(onlyAnswer(tcp(SYN).extensions(0, "0600010400000000"))).hasToString(RESET);
  }

  static Stream<Arguments> silent() {
    byte[] datagram = udp(CALLER6, 1, NODE6, 2, bytes(9)).bytes();
    byte[] broken = datagram.clone();
    broken[49]++;
    byte[] brokenSyn = tcp(SYN).bytes();
    brokenSyn[59]++;
    byte[] brokenPing = echo(CALLER6, NODE6, 128, 1).bytes();
    brokenPing[50]++;
    byte[] wrongLength = udp(CALLER6, 1, NODE6, 2, bytes(9)).bytes();
    wrongLength[45]--;
    return Stream.of(
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(SYN.replace("5002", "5004")).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(SYN.replace("5002", "5012")).bytes()),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(SYN.replace("5002", "5006")).bytes()),
        Arguments.of(ForwardDrop.MALFORMED, tcp(SYN.replace("5002", "6002")).bytes()),
        Arguments.of(ForwardDrop.IPV6_CALLER, tcp(SYN).fragment(0, 16, true)),
        Arguments.of(ForwardDrop.BAD_CHECKSUM, brokenSyn),
        Arguments.of(ForwardDrop.BAD_CHECKSUM, broken),
        Arguments.of(ForwardDrop.BAD_CHECKSUM, brokenPing),
        Arguments.of(
            ForwardDrop.BAD_CHECKSUM, udp(CALLER6, 1, NODE6, 2, bytes(9)).withoutChecksum()),
        Arguments.of(ForwardDrop.MALFORMED, wrongLength),
        Arguments.of(ForwardDrop.MALFORMED, Arrays.copyOf(datagram, datagram.length + 1)),
        Arguments.of(ForwardDrop.MALFORMED, Arrays.copyOf(datagram, datagram.length - 1)),
        Arguments.of(ForwardDrop.MALFORMED, new byte[] {0x60}),
        Arguments.of(ForwardDrop.MALFORMED, raw(CALLER6, NODE6, 17, bytes(7)).bytes()),
        Arguments.of(ForwardDrop.MALFORMED, raw(CALLER6, NODE6, 58, bytes(7)).bytes()),
        Arguments.of(
            ForwardDrop.MALFORMED,
            udp(CALLER6, 1, NODE6, 2, bytes(9)).extensions(0, "1110010400000000").bytes()),
        Arguments.of(
            ForwardDrop.IP_OPTIONS,
            udp(CALLER6, 1, NODE6, 2, bytes(9)).extensions(43, "1100000100000000").bytes()),
        Arguments.of(ForwardDrop.UNSUPPORTED_PROTOCOL, raw(CALLER6, NODE6, 0, bytes(0)).bytes()),
        Arguments.of(ForwardDrop.UNSUPPORTED_PROTOCOL, raw(CALLER6, NODE6, 132, bytes(9)).bytes()),
        Arguments.of(ForwardDrop.UNSUPPORTED_PROTOCOL, raw(CALLER6, NODE6, 1, bytes(9)).bytes()),
        Arguments.of(
            ForwardDrop.UNSUPPORTED_ICMP, icmp(CALLER6, NODE6, 135, 0, 0, bytes(16)).bytes()),
        Arguments.of(ForwardDrop.REPLY_TO_NOTHING, echo(CALLER6, NODE6, 129, 1).bytes()),
        Arguments.of(ForwardDrop.MULTICAST, udp(CALLER6, 1, "ff02::1", 2, bytes(9)).bytes()),
        Arguments.of(
            ForwardDrop.OTHER_DESTINATION,
            udp(CALLER6, 1, "fd7a:115c:a1e0::4", 2, bytes(9)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp(NODE6, 1, NODE6, 2, bytes(9)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp("::", 1, NODE6, 2, bytes(9)).bytes()),
        Arguments.of(ForwardDrop.FORGED_SOURCE, udp("ff02::7", 1, NODE6, 2, bytes(9)).bytes()));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource
  void silent(ForwardDrop reason, byte[] packet) {
    bench.fromNode(packet).onlyDropped(reason);
    assertThat(bench.forwarder.stats().udpFlows()).isZero();
  }

  @Test
  void theRateIsLimited() {
    for (int i = 0; i < 1000; i++) {
      bench.fromNode(tcp(SYN));
    }

    assertThat(bench.toNode()).hasSize(400);
    assertThat(bench.drops()).hasSize(1000).containsOnly(ForwardDrop.IPV6_CALLER);
  }

  @Test
  void withoutBothAddressesThereIsNobodyToAnswer() {
    bench.forwarder.nodeAddresses(ForwardBench.v4(ForwardBench.NODE), null);
    bench.fromNode(tcp(SYN)).onlyDropped(ForwardDrop.NO_NODE);
    bench.forwarder.nodeAddresses(null, ForwardBench.v6(NODE6));
    bench.fromNode(udp(CALLER6, 1, NODE6, 2, bytes(9))).onlyDropped(ForwardDrop.NO_NODE);
  }
}
