package dev.tailbridge.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Ipv4HeaderTest {

  private static final byte[] PACKET =
      TestPacket.udp("10.6.0.2", 5000, "100.64.0.7", 53, TestPacket.bytes(9)).bytes();

  private static Ipv4Fault fault(byte[] packet) {
    return Ipv4Header.fault(Unpooled.wrappedBuffer(packet));
  }

  private static byte[] with(int at, int value) {
    byte[] copy = PACKET.clone();
    copy[at] = (byte) value;
    return copy;
  }

  @Test
  void namesWhatIsWrong() {
    assertThat(fault(PACKET)).isEqualTo(Ipv4Fault.NONE);
    assertThat(fault(new byte[0])).isEqualTo(Ipv4Fault.TRUNCATED);
    assertThat(fault(Arrays.copyOf(PACKET, 19))).isEqualTo(Ipv4Fault.TRUNCATED);
    assertThat(fault(with(0, 0x65))).isEqualTo(Ipv4Fault.NOT_IPV4);
    assertThat(fault(with(0, 0x44))).isEqualTo(Ipv4Fault.HEADER_LENGTH);
    assertThat(fault(with(0, 0x4f))).isEqualTo(Ipv4Fault.HEADER_LENGTH);
    assertThat(fault(with(3, PACKET.length - 1))).isEqualTo(Ipv4Fault.TOTAL_LENGTH);
    assertThat(fault(Arrays.copyOf(PACKET, PACKET.length - 1))).isEqualTo(Ipv4Fault.TOTAL_LENGTH);
    assertThat(fault(with(11, PACKET[11] + 1))).isEqualTo(Ipv4Fault.CHECKSUM);
  }

  @Property
  void anyBytesHaveAVerdict(@ForAll @Size(max = 70) byte[] bytes) {
    assertThat(fault(bytes)).isNotNull();
  }

  @Test
  void readsWhatStandsThere() {
    byte[] fragment =
        TestPacket.udp("10.6.0.2", 1, "100.64.0.7", 2, TestPacket.bytes(100))
            .identification(0xfedc)
            .ttl(255)
            .fragment(48, 96, true);
    Ipv4Header ip = Ipv4Header.of(Unpooled.wrappedBuffer(fragment));

    assertThat(ip.identification()).isEqualTo(0xfedc);
    assertThat(ip.ttl()).isEqualTo(255);
    assertThat(ip.isFragment()).isTrue();
    assertThat(ip.moreFragments()).isTrue();
    assertThat(ip.dontFragment()).isFalse();
    assertThat(ip.fragmentOffset()).isEqualTo(48);
    assertThat(ip.payloadLength()).isEqualTo(48);
    assertThat(Ipv4Addresses.text(ip.source())).isEqualTo("10.6.0.2");
    assertThat(Ipv4Addresses.text(ip.destination())).isEqualTo("100.64.0.7");
  }

  @Property
  void rewrittenAddressesAndPortsKeepAllChecksumsRight(
      @ForAll int source,
      @ForAll int destination,
      @ForAll short sourcePort,
      @ForAll short destinationPort,
      @ForAll @Size(max = 30) byte[] data) {
    int from = sourcePort & 0xffff;
    int to = destinationPort & 0xffff;
    for (boolean tcp : new boolean[] {true, false}) {
      TestPacket made =
          tcp
              ? TestPacket.tcp("10.6.0.2", 5000, "100.64.0.7", 53, 16, new byte[0], data)
              : TestPacket.udp("10.6.0.2", 5000, "100.64.0.7", 53, data);
      ByteBuf packet = TestPacket.buffer(Unpooled.buffer().alloc(), made.bytes());
      Ipv4Header ip = Ipv4Header.of(packet);
      int change = ip.rewriteAddresses(source, destination);
      if (tcp) {
        TcpHeader.of(packet, ip).rewritePorts(from, to, change);
      } else {
        UdpHeader.of(packet, ip).rewritePorts(from, to, change);
      }

      SeenPacket seen = SeenPacket.take(packet);

      assertThat(seen.u32(12)).isEqualTo(source);
      assertThat(seen.u32(16)).isEqualTo(destination);
      assertThat(seen.sourcePort()).isEqualTo(from);
      assertThat(seen.destinationPort()).isEqualTo(to);
      assertThat(seen.u16(26)).as("a UDP checksum that came stays one").isNotEqualTo(tcp ? -1 : 0);
    }
  }

  @Test
  void ttlAndSwappedAddressesKeepTheChecksumRight() {
    ByteBuf packet = Unpooled.copiedBuffer(PACKET);
    Ipv4Header ip = Ipv4Header.of(packet);

    ip.swapAddresses();
    ip.rewriteTtl(64);

    SeenPacket seen = SeenPacket.take(packet);
    assertThat(seen.source()).isEqualTo("100.64.0.7");
    assertThat(seen.destination()).isEqualTo("10.6.0.2");
    assertThat(seen.ttl()).isEqualTo(64);
  }

  @Test
  void prefixesKnowTheirAddresses() throws Exception {
    Inet4Address bridge = (Inet4Address) InetAddress.getByName("10.6.0.1");
    Ipv4Prefix network = Ipv4Prefix.around(bridge, 24);

    assertThat(network).hasToString("10.6.0.0/24");
    assertThat(network.contains(Ipv4Addresses.of(bridge))).isTrue();
    assertThat(network.contains(0x0a06_0100)).isFalse();
    assertThat(Ipv4Addresses.text(network.last())).isEqualTo("10.6.0.255");
    assertThat(Ipv4Prefix.TAILNET.contains(0x647f_ffff)).isTrue();
    assertThat(Ipv4Prefix.TAILNET.contains(0x6480_0000)).isFalse();
    assertThat(Ipv4Prefix.around(bridge, 0).contains(-1)).isTrue();
    assertThatThrownBy(() -> new Ipv4Prefix(1, 24)).hasMessageContaining("0.0.0.1/24");
  }
}
