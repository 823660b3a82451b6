package dev.tailbridge.ip;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Any bytes at the header views: a packet that passes the checks can be read, described, rewritten
 * and answered without leaving the buffer.
 *
 * <p>Normal builds run the inputs in {@code HeaderFuzzTestInputs}; CONTRIBUTING.md says how to
 * fuzz.
 */
class HeaderFuzzTest {

  @FuzzTest
  void ipv4(byte[] input) {
    ByteBuf packet = Unpooled.wrappedBuffer(input);
    assertThat(PacketText.describe(packet)).isNotEmpty();
    repairChecksum(packet);
    if (Ipv4Header.fault(packet) != Ipv4Fault.NONE) {
      return;
    }
    Ipv4Header ip = Ipv4Header.of(packet);
    assertThat(ip.payload() + ip.payloadLength()).isEqualTo(packet.writerIndex());
    transport(packet, ip);
    assertThat(Ipv4Header.fault(packet)).isEqualTo(Ipv4Fault.NONE);
    release(IcmpError.unreachable(packet, 0x0a060001, IcmpError.PORT_UNREACHABLE, 0));
    ip.swapAddresses();
    ip.rewriteTtl(1);
    ip.rewriteAddresses(0x0a060001, 0x64400001);
    assertThat(Ipv4Header.fault(packet)).isEqualTo(Ipv4Fault.NONE);
  }

  /** So that the fuzzer gets past it. */
  private static void repairChecksum(ByteBuf packet) {
    if (packet.readableBytes() >= Ipv4Header.LENGTH) {
      int header = Ipv4Header.of(packet).headerLength();
      if (header >= Ipv4Header.LENGTH && header <= packet.readableBytes()) {
        packet.setShort(10, 0);
        packet.setShort(10, InternetChecksum.of(packet, 0, header));
      }
    }
  }

  private static void transport(ByteBuf packet, Ipv4Header ip) {
    int pseudoHeader =
        InternetChecksum.pseudoHeader(
            ip.source(), ip.destination(), ip.protocol(), ip.payloadLength());
    switch (ip.protocol()) {
      case IpProtocol.TCP -> {
        TcpHeader tcp = TcpHeader.of(packet, ip);
        if (tcp.isWhole()) {
          tcp(packet, tcp, pseudoHeader);
        }
      }
      case IpProtocol.UDP -> {
        UdpHeader udp = UdpHeader.of(packet, ip);
        if (udp.isWhole()) {
          udp.computeChecksum(pseudoHeader);
          assertThat(udp.hasValidChecksum(pseudoHeader)).isTrue();
          udp.rewritePorts(1, udp.destinationPort(), 0);
          assertThat(udp.hasValidChecksum(pseudoHeader)).isTrue();
        }
      }
      case IpProtocol.ICMP -> {
        IcmpHeader icmp = IcmpHeader.of(packet, ip);
        if (icmp.isWhole()) {
          assertThat(icmp.quoted() + icmp.quotedLength()).isEqualTo(packet.writerIndex());
          icmp.computeChecksum();
          icmp.rewriteIdentifier(7);
          assertThat(icmp.identifier()).isEqualTo(7);
          assertThat(icmp.hasValidChecksum()).isTrue();
        }
      }
      default -> {}
    }
  }

  private static void tcp(ByteBuf packet, TcpHeader tcp, int pseudoHeader) {
    boolean valid = tcp.hasValidChecksum(pseudoHeader);
    assertThat(tcp.sequenceLength()).isNotNegative();
    tcp.clampMss(1240);
    tcp.rewritePorts(1, 2, 0);
    assertThat(tcp.sourcePort()).isEqualTo(1);
    assertThat(tcp.hasValidChecksum(pseudoHeader)).isEqualTo(valid);
    release(TcpReset.answering(packet));
  }

  @FuzzTest
  void ipv6(byte[] input) {
    ByteBuf packet = Unpooled.wrappedBuffer(input);
    assertThat(PacketText.describe(packet)).isNotEmpty();
    if (!Ipv6Header.isWhole(packet)) {
      return;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    assertThat(ip.payload() + ip.payloadLength()).isEqualTo(packet.writerIndex());
    if (ip.nextHeader() == IpProtocol.TCP) {
      TcpHeader tcp = TcpHeader.at(packet, ip.payload(), ip.payloadLength());
      if (tcp.isWhole()) {
        release(TcpReset.answering6(packet, tcp));
      }
    }
    release(IcmpError.unreachable6(packet, IcmpError.V6_PORT_UNREACHABLE));
  }

  private static void release(ByteBuf answer) {
    assertThat(answer.readableBytes()).isLessThanOrEqualTo(Ipv6Header.MINIMUM_MTU);
    answer.release();
  }
}
