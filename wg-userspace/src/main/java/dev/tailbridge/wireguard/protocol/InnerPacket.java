package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.routing.AllowedIps;
import org.jspecify.annotations.Nullable;

/** The little that WireGuard itself reads of an IP packet: its length and its addresses. */
final class InnerPacket {

  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;

  private InnerPacket() {}

  /**
   * The packet's own length, at most {@code available}: what is behind it is padding.
   *
   * @return -1 when this is no IP packet, or not all of it
   */
  static int length(byte[] packet, int available) {
    int length =
        switch (version(packet, available)) {
          case 4 -> available < IPV4_HEADER ? -1 : unsignedShort(packet, 2);
          case 6 -> available < IPV6_HEADER ? -1 : IPV6_HEADER + unsignedShort(packet, 4);
          default -> -1;
        };
    return length < IPV4_HEADER || length > available ? -1 : length;
  }

  /** The owner of the source address of a packet that {@link #length} accepted. */
  static @Nullable Peer sourceOwner(AllowedIps<Peer> allowedIps, byte[] packet) {
    return (packet[0] & 0xf0) == 0x40
        ? allowedIps.lookup(packet, 12, 4)
        : allowedIps.lookup(packet, 8, 16);
  }

  /** The owner of the destination address of a packet that {@link #length} accepted. */
  static @Nullable Peer destinationOwner(AllowedIps<Peer> allowedIps, byte[] packet) {
    return (packet[0] & 0xf0) == 0x40
        ? allowedIps.lookup(packet, 16, 4)
        : allowedIps.lookup(packet, 24, 16);
  }

  private static int version(byte[] packet, int available) {
    return available == 0 ? 0 : (packet[0] & 0xff) >>> 4;
  }

  private static int unsignedShort(byte[] packet, int offset) {
    return (packet[offset] & 0xff) << 8 | (packet[offset + 1] & 0xff);
  }
}
