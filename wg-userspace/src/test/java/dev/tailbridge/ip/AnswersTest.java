package dev.tailbridge.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The packets that answer another one, and the line that describes any. */
class AnswersTest {

  /** fd7a::7 port 0x1234 to fd7a::3 port 80, SYN, sequence 0x01020304, no options. */
  private static final String SYN6 =
      "6000000000140640fd7a0000000000000000000000000007fd7a0000000000000000000000000003"
          + "12340050010203040000000050021000";

  private static ByteBuf syn6() {
    ByteBuf packet = Unpooled.buffer().writeBytes(ByteBufUtil.decodeHexDump(SYN6));
    packet.writeShort(0).writeShort(0);
    byte[] sum = new byte[32 + 4 + 20];
    packet.getBytes(8, sum, 0, 32);
    sum[33] = 6;
    sum[35] = 20;
    packet.getBytes(40, sum, 36, 20);
    packet.setShort(56, TestPacket.naiveChecksum(sum, 0, sum.length));
    return packet;
  }

  @Test
  void resetOfASynAcknowledgesIt() {
    ByteBuf syn =
        Unpooled.copiedBuffer(
            TestPacket.tcp("10.6.0.2", 4000, "10.6.0.1", 80, TestPacket.SYN).bytes());

    SeenPacket reset = SeenPacket.take(TcpReset.answering(syn));

    assertThat(reset).hasToString("TCP 10.6.0.1:80 > 10.6.0.2:4000 [RA]");
    assertThat(reset.u32(24)).isZero();
    assertThat(reset.u32(28)).isEqualTo(0x01020305);
  }

  @Test
  void resetOfASegmentWithAckHasItsSequence() {
    ByteBuf data =
        Unpooled.copiedBuffer(
            TestPacket.tcp("10.6.0.2", 4000, "10.6.0.1", 80, TestPacket.ACK).bytes());

    SeenPacket reset = SeenPacket.take(TcpReset.answering(data));

    assertThat(reset).hasToString("TCP 10.6.0.1:80 > 10.6.0.2:4000 [R]");
    assertThat(reset.u32(24)).isEqualTo(0x0a0b0c0d);
  }

  @Test
  void resetWorksOverIpv6() {
    ByteBuf syn = syn6();
    SeenPacket.of(ByteBufUtil.getBytes(syn));

    SeenPacket reset = SeenPacket.take(TcpReset.answering6(syn, TcpHeader.at(syn, 40, 20)));

    assertThat(reset).hasToString("TCP fd7a:0:0:0:0:0:0:3:80 > fd7a:0:0:0:0:0:0:7:4660 [RA]");
    assertThat(reset.u32(48)).isEqualTo(0x01020305);
  }

  @Test
  void icmpErrorQuotesAsMuchAsItMay() {
    byte[] about = TestPacket.udp("10.6.0.2", 4000, "8.8.8.8", 53, TestPacket.bytes(1300)).bytes();

    SeenPacket error =
        SeenPacket.take(
            IcmpError.unreachable(
                Unpooled.copiedBuffer(about), 0x0a060001, IcmpError.FRAGMENTATION_NEEDED, 1280));

    assertThat(error).hasToString("ICMP 10.6.0.1 > 10.6.0.2 3/4");
    assertThat(error.size()).isEqualTo(576);
    assertThat(error.u32(24)).isEqualTo(1280);
    assertThat(error.quoted()).isEqualTo(java.util.Arrays.copyOf(about, 548));
  }

  @Test
  void icmpv6ErrorComesFromWhereThePacketWent() {
    ByteBuf about = syn6();

    SeenPacket error =
        SeenPacket.take(IcmpError.unreachable6(about, IcmpError.V6_PORT_UNREACHABLE));

    assertThat(error).hasToString("ICMPv6 fd7a:0:0:0:0:0:0:3 > fd7a:0:0:0:0:0:0:7 1/4");
    assertThat(error.quoted()).isEqualTo(ByteBufUtil.getBytes(about));
  }

  @Test
  void describesPacketsForPeople() {
    assertThat(describe(TestPacket.tcp("100.64.0.7", 41000, "100.64.0.3", 80, 2).bytes()))
        .isEqualTo("TCP 100.64.0.7:41000 > 100.64.0.3:80, 40 bytes");
    assertThat(describe(TestPacket.echo("10.6.0.2", "10.6.0.1", 8, 1).bytes()))
        .isEqualTo("ICMP type 8 10.6.0.2 > 10.6.0.1, 41 bytes");
    assertThat(
            describe(
                TestPacket.udp("1.2.3.4", 1, "5.6.7.8", 2, new byte[32]).fragment(8, 16, true)))
        .isEqualTo("UDP fragment 1.2.3.4 > 5.6.7.8, 28 bytes");
    assertThat(describe(ByteBufUtil.decodeHexDump(SYN6)))
        .isEqualTo("TCP [fd7a:0:0:0:0:0:0:7]:4660 > [fd7a:0:0:0:0:0:0:3]:80, 56 bytes");
    assertThat(describe(new byte[] {0x45})).isEqualTo("1 bytes that are no IP packet");
  }

  @Property
  void anyBytesCanBeDescribed(@ForAll @Size(max = 70) byte[] bytes) {
    assertThat(describe(bytes)).contains(bytes.length + " bytes");
    if (bytes.length > 0) {
      bytes[0] = (byte) (0x40 | (bytes[0] & 0x0f));
      assertThat(describe(bytes)).contains(bytes.length + " bytes");
    }
  }

  private static String describe(byte[] packet) {
    return PacketText.describe(Unpooled.wrappedBuffer(packet));
  }
}
