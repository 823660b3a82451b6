package dev.tailbridge.netstack;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Reassembler;
import dev.tailbridge.netstack.tcp.Segment;
import io.netty.buffer.ByteBuf;

/** Sorts what a stack's link brings: whole or in fragments, for us or not, and by protocol. */
final class IpInput {

  /** Datagrams in fragments at a time, and memory for them. */
  private static final int MAX_REASSEMBLIES = 16;

  private static final int MAX_REASSEMBLY_BYTES = 96 << 10;

  private static final long SECOND = 1_000_000_000L;

  /** RFC 1812 4.3.2.8: errors that answer packets are limited. */
  private static final int ERRORS_PER_SECOND = 100;

  private final Stack stack;
  private final IcmpInput icmp;
  private final UdpEndpoints udp;
  private final Segment segment = new Segment();
  private final Reassembler fragments =
      new Reassembler(
          MAX_REASSEMBLIES, MAX_REASSEMBLY_BYTES, 0xffff, (reason, packet) -> packet.release());
  private long errorsSince;
  private int errors;

  IpInput(Stack stack, UdpEndpoints udp) {
    this.stack = stack;
    this.icmp = new IcmpInput(stack);
    this.udp = udp;
  }

  /** Takes a packet, which is the stack's from here on. */
  void arrived(ByteBuf packet) {
    try {
      take(packet);
    } finally {
      packet.release();
    }
  }

  private void take(ByteBuf packet) {
    if (packet.readableBytes() > PacketScratch.MAX_PACKET) {
      return;
    }
    PacketScratch scratch = PacketScratch.ofThisThread();
    IpPacket read = IpPacket.of(scratch.load(packet));
    if (read == null || !stack.isOurs(read.localHigh(), read.localLow())) {
      return;
    }
    if (read.fragment()) {
      gather(packet, read);
      return;
    }
    switch (read.protocol()) {
      case IpProtocol.TCP -> {
        if (SegmentPackets.read(scratch, read, segment)) {
          stack.arrived(read.tuple(), segment);
        } else {
          stack.countUnreadable();
        }
      }
      case IpProtocol.UDP -> {
        if (!udp.arrived(read)) {
          refuse(packet, read);
        }
      }
      case IpProtocol.ICMP, IpProtocol.ICMPV6 -> {
        if (icmp.arrived(read)) {
          stack.sendSoon(packet.retain().clear().writeBytes(read.buffer()));
        }
      }
      default -> {}
    }
  }

  /** IPv4 only: over IPv6 nobody sends us more than a link carries. */
  private void gather(ByteBuf packet, IpPacket read) {
    long now = stack.nowNanos();
    fragments.expire(now);
    Ipv4Header ip = Ipv4Header.of(packet);
    if (!read.ipv4() || ip.headerLength() != Ipv4Header.LENGTH) {
      return;
    }
    ByteBuf whole = fragments.add(packet.retain(), ip, now);
    if (whole != null) {
      arrived(whole);
    }
  }

  /** Nobody listens at a UDP port of ours. */
  private void refuse(ByteBuf packet, IpPacket read) {
    long now = stack.nowNanos();
    if (now - errorsSince >= SECOND) {
      errorsSince = now;
      errors = 0;
    }
    if (stack.standsForAny() || ++errors > ERRORS_PER_SECOND) {
      return;
    }
    stack.sendSoon(
        read.ipv4()
            ? IcmpError.unreachable(packet, (int) read.localLow(), IcmpError.PORT_UNREACHABLE, 0)
            : IcmpError.unreachable6(packet, IcmpError.V6_PORT_UNREACHABLE));
  }

  void clear() {
    fragments.clear();
  }
}
