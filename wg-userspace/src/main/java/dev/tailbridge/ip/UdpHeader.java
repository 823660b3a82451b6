package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.change;
import static dev.tailbridge.ip.InternetChecksum.update;

import io.netty.buffer.ByteBuf;

/**
 * A UDP header (RFC 768) in a buffer. A checksum of zero says that there is none; one that comes
 * out as zero is written as 0xffff.
 */
public final class UdpHeader {

  /** Bytes of a header. */
  public static final int LENGTH = 8;

  private static final int DATAGRAM_LENGTH = 4;
  private static final int CHECKSUM = 6;

  private final ByteBuf buffer;
  private final int at;
  private final int length;

  private UdpHeader(ByteBuf buffer, int at, int length) {
    this.buffer = buffer;
    this.at = at;
    this.length = length;
  }

  /** The datagram of which {@code length} bytes, at least {@link #LENGTH}, are at an index. */
  public static UdpHeader at(ByteBuf buffer, int index, int length) {
    return new UdpHeader(buffer, index, length);
  }

  /** The datagram that is the payload of an IPv4 packet. */
  public static UdpHeader of(ByteBuf packet, Ipv4Header ip) {
    return new UdpHeader(packet, ip.payload(), ip.payloadLength());
  }

  /** Whether the header is there and its length is that of the datagram. */
  public boolean isWhole() {
    return length >= LENGTH && buffer.getUnsignedShort(at + DATAGRAM_LENGTH) == length;
  }

  /** Source port. */
  public int sourcePort() {
    return buffer.getUnsignedShort(at);
  }

  /** Destination port. */
  public int destinationPort() {
    return buffer.getUnsignedShort(at + 2);
  }

  /** Whether the sender computed a checksum. */
  public boolean hasChecksum() {
    return buffer.getShort(at + CHECKSUM) != 0;
  }

  /** Whether the checksum is right or absent, given the sum of the pseudo header. */
  public boolean hasValidChecksum(int pseudoHeader) {
    return !hasChecksum() || add(pseudoHeader, InternetChecksum.sum(buffer, at, length)) == 0xffff;
  }

  /** Writes a header without a checksum over the bytes at this index. */
  public void write(int sourcePort, int destinationPort) {
    buffer.setShort(at, sourcePort);
    buffer.setShort(at + 2, destinationPort);
    buffer.setShort(at + DATAGRAM_LENGTH, length);
    buffer.setShort(at + CHECKSUM, 0);
  }

  /** Computes the checksum of a datagram that has none. */
  public void computeChecksum(int pseudoHeader) {
    write(~add(pseudoHeader, InternetChecksum.sum(buffer, at, length)) & 0xffff);
  }

  /**
   * Replaces both ports and updates the checksum if there is one.
   *
   * @param pseudoHeaderChange what {@link Ipv4Header#rewriteAddresses} returned
   */
  public void rewritePorts(int source, int destination, int pseudoHeaderChange) {
    int change = add(change(sourcePort(), source), change(destinationPort(), destination));
    buffer.setShort(at, source);
    buffer.setShort(at + 2, destination);
    updateChecksum(add(pseudoHeaderChange, change));
  }

  /** Updates the checksum, if there is one, after the pseudo header alone changed. */
  public void updateChecksum(int change) {
    if (hasChecksum()) {
      write(update(buffer.getUnsignedShort(at + CHECKSUM), change));
    }
  }

  private void write(int checksum) {
    buffer.setShort(at + CHECKSUM, checksum == 0 ? 0xffff : checksum);
  }
}
