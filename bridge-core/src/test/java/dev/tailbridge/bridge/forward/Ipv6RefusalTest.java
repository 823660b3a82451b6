package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Ipv6RefusalTest {

  private static final String CALLER = "fd7a0000000000000000000000000007";
  private static final String NODE = "fd7a0000000000000000000000000003";
  private static final String SYN = "1234005001020304000000005002100000000000";
  private static final String DATAGRAM = "1234005000090000ff";
  private static final String PING = "80000000004d0001ff";

  private final ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  /** A packet with the payload's checksum filled in at that offset. */
  private static byte[] packet(
      String source, String destination, int protocol, String payload, int checksumAt) {
    byte[] content = ByteBufUtil.decodeHexDump(payload);
    byte[] addresses = ByteBufUtil.decodeHexDump(source + destination);
    ByteBuffer sum = ByteBuffer.allocate(36 + content.length);
    sum.put(addresses).putShort((short) content.length).putShort((short) protocol).put(content);
    int checksum = TestPacket.naiveChecksum(sum.array(), 0, sum.capacity());
    ByteBuffer.wrap(content).putShort(checksumAt, (short) checksum);
    return withExtensions(addresses, protocol, "", content);
  }

  private static byte[] withExtensions(
      byte[] addresses, int nextHeader, String extensions, byte[] content) {
    byte[] extension = ByteBufUtil.decodeHexDump(extensions);
    int length = extension.length + content.length;
    ByteBuffer packet = ByteBuffer.allocate(40 + length);
    packet.putInt(0x60000000).putShort((short) length).put((byte) nextHeader).put((byte) 64);
    return packet.put(addresses).put(extension).put(content).array();
  }

  private static byte[] tcp(String segment) {
    return packet(CALLER, NODE, 6, segment, 16);
  }

  private SeenPacket onlyAnswer(byte[] packet) {
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

    assertThat(reset).hasToString("TCP fd7a:0:0:0:0:0:0:3:80 > fd7a:0:0:0:0:0:0:7:4660 [RA]");
    assertThat(reset.u32(48)).as("acknowledges the SYN").isEqualTo(0x01020305);
  }

  @Test
  void datagramsAndPingsAreUnreachable() {
    byte[] datagram = packet(CALLER, NODE, 17, DATAGRAM, 6);

    assertThat(onlyAnswer(datagram))
        .hasToString("ICMPv6 fd7a:0:0:0:0:0:0:3 > fd7a:0:0:0:0:0:0:7 1/4");
    assertThat(onlyAnswer(datagram).quoted()).isEqualTo(datagram);
    assertThat(onlyAnswer(packet(CALLER, NODE, 58, PING, 2)))
        .hasToString("ICMPv6 fd7a:0:0:0:0:0:0:3 > fd7a:0:0:0:0:0:0:7 1/3");
  }

  @Test
  void aLargeDatagramIsQuotedUpToTheMinimumMtu() {
    byte[] data = new byte[1200];
    String header = "12340050" + String.format("%04x", data.length + 8) + "0000";
    byte[] datagram = packet(CALLER, NODE, 17, header + ByteBufUtil.hexDump(data), 6);

    SeenPacket error = onlyAnswer(datagram);

    assertThat(error.size()).isEqualTo(1280);
    assertThat(error.quoted()).isEqualTo(Arrays.copyOf(datagram, 1232));
  }

  @Test
  void extensionHeadersAreStepped() {
    byte[] plain = tcp(SYN);
    byte[] content = Arrays.copyOfRange(plain, 40, plain.length);
    byte[] addresses = Arrays.copyOfRange(plain, 8, 40);

    assertThat(onlyAnswer(withExtensions(addresses, 0, "0600010400000000", content)))
        .hasToString("TCP fd7a:0:0:0:0:0:0:3:80 > fd7a:0:0:0:0:0:0:7:4660 [RA]");
    bench.fromNode(withExtensions(addresses, 0, "0610010400000000", content));
    bench.onlyDropped(ForwardDrop.MALFORMED);
    bench.fromNode(withExtensions(addresses, 44, "0600000100000001", content));
    bench.onlyDropped(ForwardDrop.FRAGMENT_INCOMPLETE);
  }

  static Stream<Arguments> silent() {
    byte[] good = tcp(SYN);
    byte[] broken = good.clone();
    broken[59]++;
    byte[] tooLong = Arrays.copyOf(good, good.length + 1);
    byte[] hopByHopWithoutOne = withExtensions(Arrays.copyOfRange(good, 8, 40), 0, "", new byte[0]);
    String other = NODE.replace('3', '4');
    return Stream.of(
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(SYN.replace("5002", "5004"))),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(SYN.replace("5002", "5012"))),
        Arguments.of(ForwardDrop.NOT_A_FLOW, tcp(SYN.replace("5002", "5006"))),
        Arguments.of(ForwardDrop.MALFORMED, tcp(SYN.replace("5002", "6002"))),
        Arguments.of(ForwardDrop.MALFORMED, tooLong),
        Arguments.of(ForwardDrop.MALFORMED, new byte[] {0x60}),
        Arguments.of(ForwardDrop.UNSUPPORTED_PROTOCOL, hopByHopWithoutOne),
        Arguments.of(ForwardDrop.BAD_CHECKSUM, broken),
        Arguments.of(
            ForwardDrop.UNSUPPORTED_ICMP, packet(CALLER, NODE, 58, "0104" + PING.substring(4), 2)),
        Arguments.of(
            ForwardDrop.UNSUPPORTED_ICMP, packet(CALLER, NODE, 58, "8100" + PING.substring(4), 2)),
        Arguments.of(ForwardDrop.UNSUPPORTED_PROTOCOL, packet(CALLER, NODE, 132, DATAGRAM, 6)),
        Arguments.of(
            ForwardDrop.MULTICAST, packet(CALLER, "ff02" + NODE.substring(4), 17, DATAGRAM, 6)),
        Arguments.of(ForwardDrop.OTHER_DESTINATION, packet(CALLER, other, 17, DATAGRAM, 6)),
        Arguments.of(ForwardDrop.FORGED_SOURCE, packet(NODE, NODE, 17, DATAGRAM, 6)),
        Arguments.of(ForwardDrop.FORGED_SOURCE, packet("00".repeat(16), NODE, 17, DATAGRAM, 6)),
        Arguments.of(
            ForwardDrop.FORGED_SOURCE,
            packet("ff02" + CALLER.substring(4), NODE, 17, DATAGRAM, 6)));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource
  void silent(ForwardDrop reason, byte[] packet) {
    bench.fromNode(packet).onlyDropped(reason);
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
  void withoutAnAddressThereIsNobodyToAnswer() {
    bench.forwarder.nodeAddresses(ForwardBench.v4(ForwardBench.NODE), null);
    bench.fromNode(tcp(SYN)).onlyDropped(ForwardDrop.NO_NODE);
  }
}
