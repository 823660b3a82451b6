package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What a test sees of an emitted packet. Making one verifies lengths and all checksums by code that
 * has nothing in common with the code under test.
 */
public final class SeenPacket {

  private final byte[] bytes;
  private final int version;
  private final int header;

  private SeenPacket(byte[] bytes) {
    this.bytes = bytes;
    this.version = bytes.length == 0 ? 0 : (bytes[0] & 0xff) >> 4;
    this.header = version == 4 ? (bytes[0] & 15) * 4 : 40;
    verify();
  }

  /** Copies and verifies the readable bytes, and releases the buffer. */
  public static SeenPacket take(ByteBuf packet) {
    byte[] bytes = ByteBufUtil.getBytes(packet);
    if (!packet.release()) {
      throw new AssertionError("somebody else still holds an emitted buffer");
    }
    return new SeenPacket(bytes);
  }

  public static SeenPacket of(byte[] bytes) {
    return new SeenPacket(bytes.clone());
  }

  private void verify() {
    check(version == 4 || version == 6, "version");
    check(bytes.length >= header, "shorter than its header");
    if (version == 6) {
      check(u16(4) == bytes.length - 40, "payload length");
      if (!isFragment()) {
        verifyTransport();
      }
      return;
    }
    check(header == 20, "header length");
    check(u16(2) == bytes.length, "total length");
    check(TestPacket.naiveChecksum(bytes, 0, header) == 0, "header checksum");
    if (!isFragment()) {
      verifyTransport();
    }
  }

  private void verifyTransport() {
    int protocol = protocol();
    int length = bytes.length - header;
    check(length >= (protocol == 6 ? 20 : 8), "transport header");
    if (protocol == 17) {
      check(u16(header + 4) == length, "UDP length");
      if (version == 4 && u16(header + 6) == 0) {
        return;
      }
      check(u16(header + 6) != 0, "UDP checksum absent in IPv6");
    }
    ByteArrayOutputStream sum = new ByteArrayOutputStream();
    if (protocol != 1) {
      int addresses = version == 4 ? 12 : 8;
      sum.write(bytes, addresses, version == 4 ? 8 : 32);
      sum.writeBytes(new byte[] {0, (byte) protocol});
      sum.writeBytes(new byte[] {(byte) (length >> 8), (byte) length});
    }
    sum.write(bytes, header, length);
    check(TestPacket.naiveChecksum(sum.toByteArray(), 0, sum.size()) == 0, "transport checksum");
  }

  private void check(boolean right, String what) {
    if (!right) {
      throw new AssertionError("wrong " + what + " in " + ByteBufUtil.hexDump(bytes));
    }
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public int size() {
    return bytes.length;
  }

  public int protocol() {
    return version == 4 ? bytes[9] : isFragment() ? bytes[40] : bytes[6];
  }

  public int ttl() {
    return bytes[version == 4 ? 8 : 7] & 0xff;
  }

  /** Type of service or traffic class. */
  public int trafficClass() {
    return version == 4 ? bytes[1] & 0xff : u16(0) >> 4 & 0xff;
  }

  public int identification() {
    return version == 4 ? u16(4) : u32(44);
  }

  public boolean dontFragment() {
    return (u16(6) & 0x4000) != 0;
  }

  public boolean isFragment() {
    return version == 4 ? (u16(6) & 0x3fff) != 0 : bytes[6] == 44;
  }

  public int fragmentOffset() {
    return version == 4 ? (u16(6) & 0x1fff) * 8 : u16(42) & ~7;
  }

  public boolean moreFragments() {
    return version == 4 ? (u16(6) & 0x2000) != 0 : (u16(42) & 1) != 0;
  }

  public String source() {
    return address(version == 4 ? 12 : 8);
  }

  public String destination() {
    return address(version == 4 ? 16 : 24);
  }

  public int sourcePort() {
    return u16(header);
  }

  public int destinationPort() {
    return u16(header + 2);
  }

  public int flags() {
    return bytes[header + 13] & 0x3f;
  }

  public int type() {
    return bytes[header] & 0xff;
  }

  public int code() {
    return bytes[header + 1] & 0xff;
  }

  public int identifier() {
    return u16(header + 4);
  }

  public int u16(int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  public int u32(int at) {
    return u16(at) << 16 | u16(at + 2);
  }

  /** Everything after the IP header and the fragment header. */
  public byte[] payload() {
    int from = version == 6 && isFragment() ? header + 8 : header;
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }

  /** What an ICMP error quotes. */
  public byte[] quoted() {
    return Arrays.copyOfRange(bytes, header + 8, bytes.length);
  }

  private String address(int at) {
    try {
      int length = version == 4 ? 4 : 16;
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + length)).getHostAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * One line: {@code TCP 10.6.0.1:41000 > 10.6.0.2:80 [S]}, {@code UDP …}, {@code ICMP 10.6.0.2 >
   * 10.6.0.1 8/0 id 7}.
   */
  @Override
  public String toString() {
    String flow = source() + " > " + destination();
    String ports = source() + ":" + sourcePort() + " > " + destination() + ":" + destinationPort();
    if (isFragment()) {
      return "fragment " + protocol() + " " + flow + " at " + fragmentOffset();
    }
    return switch (protocol()) {
      case 6 -> "TCP " + ports + " [" + flagText() + "]";
      case 17 -> "UDP " + ports;
      default -> {
        boolean echo = version == 4 ? type() == 0 || type() == 8 : type() >> 1 == 64;
        String id = echo ? " id " + identifier() : "";
        yield (version == 4 ? "ICMP " : "ICMPv6 ") + flow + " " + type() + "/" + code() + id;
      }
    };
  }

  private String flagText() {
    StringBuilder text = new StringBuilder();
    String names = "FSRPA";
    for (int i : new int[] {1, 2, 0, 3, 4}) {
      if ((flags() & 1 << i) != 0) {
        text.append(names.charAt(i));
      }
    }
    return text.toString();
  }
}
