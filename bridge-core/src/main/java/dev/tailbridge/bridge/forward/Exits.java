package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Ipv4Header;
import io.netty.buffer.ByteBuf;

/** The ways out for a packet: into the tunnel, into the node, or nowhere. Each takes the buffer. */
final class Exits {

  private final PacketSink toDevice;
  private final PacketSink toNode;
  private final Drops drops;
  private final int tailnetMtu;

  private long toDevicePackets;
  private long toDeviceBytes;
  private long toNodePackets;
  private long toNodeBytes;

  Exits(int tailnetMtu, PacketSink toDevice, PacketSink toNode, Drops drops) {
    this.tailnetMtu = tailnetMtu;
    this.toDevice = toDevice;
    this.toNode = toNode;
    this.drops = drops;
  }

  void toDevice(ByteBuf packet) {
    toDevicePackets++;
    toDeviceBytes += packet.readableBytes();
    toDevice.accept(packet);
  }

  /** An IPv4 packet that may be larger than the node carries is fragmented here. */
  void toNode(ByteBuf packet) {
    if (packet.readableBytes() <= tailnetMtu) {
      wholeToNode(packet);
    } else {
      fragment(packet);
    }
  }

  void drop(ForwardDrop reason, ByteBuf packet) {
    drops.count(reason, packet);
    packet.release();
  }

  private void wholeToNode(ByteBuf packet) {
    toNodePackets++;
    toNodeBytes += packet.readableBytes();
    toNode.accept(packet);
  }

  /**
   * Cuts a packet without options into as few fragments as the node carries (RFC 791 3.2, RFC 1812
   * 5.2.6). They keep the device's identification: source and protocol stay one to one, so what the
   * device keeps apart stays apart.
   */
  private void fragment(ByteBuf packet) {
    int most = (tailnetMtu - Ipv4Header.LENGTH) / 8 * 8;
    int from = packet.readerIndex();
    int payload = packet.readableBytes() - Ipv4Header.LENGTH;
    for (int offset = 0; offset < payload; offset += most) {
      int size = Math.min(most, payload - offset);
      int total = Ipv4Header.LENGTH + size;
      ByteBuf fragment = packet.alloc().buffer(total);
      fragment.writeBytes(packet, from, Ipv4Header.LENGTH);
      fragment.writeBytes(packet, from + Ipv4Header.LENGTH + offset, size);
      Ipv4Header.of(fragment).rewriteFragment(total, offset, offset + size < payload);
      wholeToNode(fragment);
    }
    packet.release();
  }

  long toDevicePackets() {
    return toDevicePackets;
  }

  long toDeviceBytes() {
    return toDeviceBytes;
  }

  long toNodePackets() {
    return toNodePackets;
  }

  long toNodeBytes() {
    return toNodeBytes;
  }
}
