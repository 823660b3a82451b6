package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.change;
import static dev.tailbridge.ip.InternetChecksum.update;

import io.netty.buffer.ByteBuf;

/**
 * An ICMP message (RFC 792) or ICMPv6 message (RFC 4443), or as much of it as an error quotes, in a
 * buffer. The two are laid out alike; only the ICMPv6 checksum covers a pseudo header.
 */
public final class IcmpHeader {

  /** Bytes before the data or the quoted packet. */
  public static final int LENGTH = 8;

  public static final int ECHO_REPLY = 0;
  public static final int UNREACHABLE = 3;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;
  public static final int PARAMETER_PROBLEM = 12;

  public static final int V6_UNREACHABLE = 1;
  public static final int V6_PACKET_TOO_BIG = 2;
  public static final int V6_TIME_EXCEEDED = 3;
  public static final int V6_PARAMETER_PROBLEM = 4;
  public static final int V6_ECHO_REQUEST = 128;
  public static final int V6_ECHO_REPLY = 129;

  private static final int CHECKSUM = 2;
  private static final int IDENTIFIER = 4;

  private final ByteBuf buffer;
  private final int at;
  private final int length;

  private IcmpHeader(ByteBuf buffer, int at, int length) {
    this.buffer = buffer;
    this.at = at;
    this.length = length;
  }

  /** The message of which {@code length} bytes, at least {@link #LENGTH}, are at an index. */
  public static IcmpHeader at(ByteBuf buffer, int index, int length) {
    return new IcmpHeader(buffer, index, length);
  }

  /** The message that is the payload of an IPv4 packet. */
  public static IcmpHeader of(ByteBuf packet, Ipv4Header ip) {
    return new IcmpHeader(packet, ip.payload(), ip.payloadLength());
  }

  /** Whether the header is there. */
  public boolean isWhole() {
    return length >= LENGTH;
  }

  /** Message type. */
  public int type() {
    return buffer.getUnsignedByte(at);
  }

  /** What exactly is meant within the type. */
  public int code() {
    return buffer.getUnsignedByte(at + 1);
  }

  /** The second four bytes, whose meaning depends on the type. */
  public int rest() {
    return buffer.getInt(at + IDENTIFIER);
  }

  /** The identifier of an echo message. */
  public int identifier() {
    return buffer.getUnsignedShort(at + IDENTIFIER);
  }

  /** Index of the packet that an error quotes. */
  public int quoted() {
    return at + LENGTH;
  }

  /** Bytes of the quoted packet that are there. */
  public int quotedLength() {
    return length - LENGTH;
  }

  /** Whether the checksum of an ICMP message is right. */
  public boolean hasValidChecksum() {
    return hasValidChecksum(0);
  }

  /** Whether the checksum of an ICMPv6 message is right, given the sum of the pseudo header. */
  public boolean hasValidChecksum(int pseudoHeader) {
    return add(pseudoHeader, InternetChecksum.sum(buffer, at, length)) == 0xffff;
  }

  /** Replaces the identifier of an echo message and updates the checksum. */
  public void rewriteIdentifier(int identifier) {
    int change = change(identifier(), identifier);
    buffer.setShort(at + IDENTIFIER, identifier);
    buffer.setShort(at + CHECKSUM, update(buffer.getUnsignedShort(at + CHECKSUM), change));
  }

  /** Makes an echo request its own reply. */
  public void rewriteToReply() {
    rewriteType(ECHO_REPLY, 0);
  }

  /**
   * Replaces the type and updates the checksum.
   *
   * @param pseudoHeaderChange of a message that changes between ICMP and ICMPv6, the change of the
   *     sum by the pseudo header that comes or goes; else 0
   */
  public void rewriteType(int type, int pseudoHeaderChange) {
    int before = buffer.getUnsignedShort(at);
    buffer.setByte(at, type);
    int change = add(pseudoHeaderChange, change(before, buffer.getUnsignedShort(at)));
    buffer.setShort(at + CHECKSUM, update(buffer.getUnsignedShort(at + CHECKSUM), change));
  }

  /** Computes the checksum of an ICMP message anew, after the quoted packet was rewritten. */
  public void computeChecksum() {
    computeChecksum(0);
  }

  /** Computes the checksum of an ICMPv6 message anew, given the sum of the pseudo header. */
  public void computeChecksum(int pseudoHeader) {
    buffer.setShort(at + CHECKSUM, 0);
    int sum = add(pseudoHeader, InternetChecksum.sum(buffer, at, length));
    buffer.setShort(at + CHECKSUM, ~sum & 0xffff);
  }

  /** Writes the first {@link #LENGTH} bytes, the checksum zero. */
  public void write(int type, int code, int rest) {
    buffer.setByte(at, type);
    buffer.setByte(at + 1, code);
    buffer.setShort(at + CHECKSUM, 0);
    buffer.setInt(at + IDENTIFIER, rest);
  }
}
