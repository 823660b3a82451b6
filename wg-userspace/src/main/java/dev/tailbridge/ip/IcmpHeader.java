package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.change;
import static dev.tailbridge.ip.InternetChecksum.update;

import io.netty.buffer.ByteBuf;

/** An ICMP message (RFC 792), or as much of it as an ICMP error quotes, in a buffer. */
public final class IcmpHeader {

  /** Bytes before the data or the quoted packet. */
  public static final int LENGTH = 8;

  public static final int ECHO_REPLY = 0;
  public static final int UNREACHABLE = 3;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;
  public static final int PARAMETER_PROBLEM = 12;

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

  /** Whether the checksum is right. */
  public boolean hasValidChecksum() {
    return InternetChecksum.sum(buffer, at, length) == 0xffff;
  }

  /** Replaces the identifier of an echo message and updates the checksum. */
  public void rewriteIdentifier(int identifier) {
    int change = change(identifier(), identifier);
    buffer.setShort(at + IDENTIFIER, identifier);
    buffer.setShort(at + CHECKSUM, update(buffer.getUnsignedShort(at + CHECKSUM), change));
  }

  /** Makes an echo request its own reply. */
  public void rewriteToReply() {
    int before = buffer.getUnsignedShort(at);
    buffer.setByte(at, ECHO_REPLY);
    int change = change(before, buffer.getUnsignedShort(at));
    buffer.setShort(at + CHECKSUM, update(buffer.getUnsignedShort(at + CHECKSUM), change));
  }

  /** Computes the checksum anew, after the quoted packet was rewritten. */
  public void computeChecksum() {
    buffer.setShort(at + CHECKSUM, 0);
    buffer.setShort(at + CHECKSUM, InternetChecksum.of(buffer, at, length));
  }

  /** Writes the first {@link #LENGTH} bytes, the checksum zero. */
  void write(int type, int code, int rest) {
    buffer.setByte(at, type);
    buffer.setByte(at + 1, code);
    buffer.setShort(at + CHECKSUM, 0);
    buffer.setInt(at + IDENTIFIER, rest);
  }
}
