package dev.tailbridge.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TransportHeaderTest {

  private static byte[] octets(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static Stream<Arguments> options() {
    return Stream.of(
        Arguments.of("lowered", octets(2, 4, 0x05, 0xb4), octets(2, 4, 0x04, 0xd8)),
        Arguments.of("equal stays", octets(2, 4, 0x04, 0xd8), octets(2, 4, 0x04, 0xd8)),
        Arguments.of("smaller stays", octets(2, 4, 0x02, 0x18), octets(2, 4, 0x02, 0x18)),
        Arguments.of("absent stays absent", octets(), octets()),
        Arguments.of(
            "at an odd place",
            octets(1, 2, 4, 0x05, 0xb4, 3, 3, 7),
            octets(1, 2, 4, 0x04, 0xd8, 3, 3, 7)),
        Arguments.of(
            "behind others",
            octets(4, 2, 3, 3, 7, 2, 4, 0xff, 0xff, 0, 0, 0),
            octets(4, 2, 3, 3, 7, 2, 4, 0x04, 0xd8, 0, 0, 0)),
        Arguments.of("after the end", octets(0, 2, 4, 0x05, 0xb4), octets(0, 2, 4, 0x05, 0xb4)),
        Arguments.of("size 0", octets(8, 0, 2, 4, 5, 0xb4), octets(8, 0, 2, 4, 5, 0xb4)),
        Arguments.of("beyond the header", octets(8, 10, 2, 4), octets(8, 10, 2, 4)),
        Arguments.of("cut off", octets(1, 1, 1, 2), octets(1, 1, 1, 2)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("options")
  void clampsTheMaximumSegmentSize(String name, byte[] before, byte[] after) {
    ByteBuf packet = syn(before);

    TcpHeader.of(packet, Ipv4Header.of(packet)).clampMss(1240);

    byte[] seen = SeenPacket.take(packet).payload();
    assertThat(java.util.Arrays.copyOfRange(seen, 20, 20 + after.length)).isEqualTo(after);
  }

  @Property
  void anyOptionsLeaveAValidSegment(@ForAll @Size(max = 40) byte[] options) {
    ByteBuf packet = syn(options);

    TcpHeader.of(packet, Ipv4Header.of(packet)).clampMss(1240);

    assertThat(SeenPacket.take(packet).flags()).isEqualTo(TestPacket.SYN);
  }

  private static ByteBuf syn(byte[] options) {
    return Unpooled.copiedBuffer(
        TestPacket.tcp("100.64.0.7", 4000, "100.64.0.3", 80, TestPacket.SYN, options, octets(9))
            .bytes());
  }

  @Test
  void segmentsThatAreNotWholeAreToldFromThoseThatAre() {
    byte[] segment = TestPacket.tcp("1.2.3.4", 1, "5.6.7.8", 2, TestPacket.SYN).bytes();
    ByteBuf packet = Unpooled.wrappedBuffer(segment);

    assertThat(TcpHeader.at(packet, 20, 20).isWhole()).isTrue();
    assertThat(TcpHeader.at(packet, 20, 19).isWhole()).isFalse();
    packet.setByte(32, 0x40);
    assertThat(TcpHeader.at(packet, 20, 20).isWhole()).isFalse();
    packet.setByte(32, 0x60);
    assertThat(TcpHeader.at(packet, 20, 20).isWhole()).isFalse();
  }

  @Test
  void absentUdpChecksumIsFilledInAndAnAbsentOneStaysAbsentWhenRewritten() {
    TestPacket made = TestPacket.udp("10.6.0.2", 5000, "100.64.0.7", 53, octets(1, 2, 3));
    ByteBuf packet = Unpooled.copiedBuffer(made.withoutChecksum());
    Ipv4Header ip = Ipv4Header.of(packet);
    UdpHeader udp = UdpHeader.of(packet, ip);

    int change = ip.rewriteAddresses(ip.source(), ip.destination());
    udp.rewritePorts(5000, 53, change);
    assertThat(udp.hasChecksum()).isFalse();

    udp.computeChecksum(
        InternetChecksum.pseudoHeader(ip.source(), ip.destination(), 17, ip.payloadLength()));
    assertThat(SeenPacket.take(packet).bytes()).isEqualTo(made.bytes());
  }

  @Property
  void udpChecksumIsNeverWrittenAsZero(@ForAll short word) {
    // Some port makes the checksum come out as zero; with it, 0xffff must be written.
    ByteBuf packet =
        Unpooled.copiedBuffer(TestPacket.udp("1.2.3.4", 1, "5.6.7.8", 2, octets(0, 0)).bytes());
    Ipv4Header ip = Ipv4Header.of(packet);
    int checksum = packet.getUnsignedShort(26);
    int zeroing = InternetChecksum.add(1, checksum);

    UdpHeader.of(packet, ip).rewritePorts(zeroing, 2, 0);
    assertThat(packet.getUnsignedShort(26)).isEqualTo(0xffff);
    UdpHeader.of(packet, ip).rewritePorts(word & 0xffff, 2, 0);

    assertThat(SeenPacket.take(packet).u16(26)).isNotZero();
  }

  @Test
  void echoIsTurnedIntoItsReply() {
    ByteBuf packet =
        Unpooled.copiedBuffer(TestPacket.echo("10.6.0.2", "10.6.0.1", 8, 0x4242).bytes());

    IcmpHeader icmp = IcmpHeader.of(packet, Ipv4Header.of(packet));
    icmp.rewriteToReply();
    icmp.rewriteIdentifier(0xffff);

    assertThat(SeenPacket.take(packet)).hasToString("ICMP 10.6.0.2 > 10.6.0.1 0/0 id 65535");
  }
}
