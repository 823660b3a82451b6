package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds packets for tests with arithmetic of its own, so that it shares no mistake with what it
 * tests. Checksums are right unless a test breaks them.
 */
public final class TestPacket {

  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int ACK = 16;

  private final String source;
  private final String destination;
  private final int protocol;
  private final byte[] transport;
  private int identification = 0x1234;
  private boolean dontFragment;
  private int ttl = 61;

  private TestPacket(String source, String destination, int protocol, byte[] transport) {
    this.source = source;
    this.destination = destination;
    this.protocol = protocol;
    this.transport = transport;
  }

  /** A TCP segment with options as bytes (padded here) and data. */
  public static TestPacket tcp(
      String source,
      int sourcePort,
      String destination,
      int destinationPort,
      int flags,
      byte[] options,
      byte[] data) {
    int header = 20 + (options.length + 3) / 4 * 4;
    ByteBuffer tcp = ByteBuffer.allocate(header + data.length);
    tcp.putShort((short) sourcePort).putShort((short) destinationPort);
    tcp.putInt(0x01020304).putInt((flags & ACK) != 0 ? 0x0a0b0c0d : 0);
    tcp.put((byte) (header / 4 * 16)).put((byte) flags).putShort((short) 5744).putInt(0);
    tcp.put(options).position(header).put(data);
    return new TestPacket(source, destination, 6, tcp.array());
  }

  public static TestPacket tcp(
      String source, int sourcePort, String destination, int destinationPort, int flags) {
    return tcp(source, sourcePort, destination, destinationPort, flags, new byte[0], new byte[0]);
  }

  public static TestPacket udp(
      String source, int sourcePort, String destination, int destinationPort, byte[] data) {
    ByteBuffer udp = ByteBuffer.allocate(8 + data.length);
    udp.putShort((short) sourcePort).putShort((short) destinationPort);
    udp.putShort((short) (8 + data.length)).putShort((short) 0).put(data);
    return new TestPacket(source, destination, 17, udp.array());
  }

  public static TestPacket icmp(
      String source, String destination, int type, int code, int rest, byte[] data) {
    ByteBuffer icmp = ByteBuffer.allocate(8 + data.length);
    icmp.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest).put(data);
    return new TestPacket(source, destination, 1, icmp.array());
  }

  /** An echo request (8) or reply (0) with some data. */
  public static TestPacket echo(String source, String destination, int type, int identifier) {
    return icmp(source, destination, type, 0, identifier << 16 | 7, bytes(13));
  }

  /** A packet of any other protocol. */
  public static TestPacket raw(String source, String destination, int protocol, byte[] payload) {
    return new TestPacket(source, destination, protocol, payload.clone());
  }

  public TestPacket dontFragment() {
    dontFragment = true;
    return this;
  }

  public TestPacket identification(int value) {
    identification = value;
    return this;
  }

  /** The sequence number of a TCP segment. */
  public TestPacket sequence(int value) {
    ByteBuffer.wrap(transport).putInt(4, value);
    return this;
  }

  public TestPacket ttl(int value) {
    ttl = value;
    return this;
  }

  /** The whole packet. */
  public byte[] bytes() {
    return packet(checked(), 0, false);
  }

  /** A UDP packet whose sender computed no checksum. */
  public byte[] withoutChecksum() {
    return packet(transport, 0, false);
  }

  /** The packet in fragments that end at these payload offsets, which are multiples of 8. */
  public List<byte[]> fragments(int... cuts) {
    byte[] whole = checked();
    List<byte[]> fragments = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : whole.length;
      fragments.add(fragment(from, to, to < whole.length));
      from = to;
    }
    return fragments;
  }

  /** Any part of the packet as a fragment. */
  public byte[] fragment(int from, int to, boolean more) {
    return packet(Arrays.copyOfRange(checked(), from, to), from, more);
  }

  private byte[] packet(byte[] payload, int offset, boolean more) {
    ByteBuffer ip = ByteBuffer.allocate(20 + payload.length);
    ip.put((byte) 0x45).put((byte) 0).putShort((short) ip.capacity());
    int flags = (dontFragment ? 0x4000 : 0) | (more ? 0x2000 : 0) | offset / 8;
    ip.putShort((short) identification).putShort((short) flags);
    ip.put((byte) ttl).put((byte) protocol).putShort((short) 0);
    ip.put(address(source)).put(address(destination));
    ip.putShort(10, (short) naiveChecksum(ip.array(), 0, 20));
    ip.put(payload);
    return ip.array();
  }

  private byte[] checked() {
    int at =
        switch (protocol) {
          case 1 -> 2;
          case 6 -> 16;
          case 17 -> 6;
          default -> -1;
        };
    if (at < 0 || at + 2 > transport.length) {
      return transport;
    }
    byte[] copy = transport.clone();
    ByteArrayOutputStream sum = new ByteArrayOutputStream();
    if (protocol != 1) {
      sum.writeBytes(address(source));
      sum.writeBytes(address(destination));
      sum.writeBytes(new byte[] {0, (byte) protocol});
      sum.writeBytes(new byte[] {(byte) (copy.length >> 8), (byte) copy.length});
    }
    sum.writeBytes(copy);
    int checksum = naiveChecksum(sum.toByteArray(), 0, sum.size());
    ByteBuffer.wrap(copy).putShort(at, (short) (protocol == 17 && checksum == 0 ? -1 : checksum));
    return copy;
  }

  public static byte[] address(String dotted) {
    byte[] address = new byte[4];
    String[] parts = dotted.split("\\.");
    for (int i = 0; i < 4; i++) {
      address[i] = (byte) Integer.parseInt(parts[i]);
    }
    return address;
  }

  /** Bytes 1, 2, 3 and so on. */
  public static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i + 1);
    }
    return bytes;
  }

  /** A buffer with these bytes at an odd place and not one byte more behind them. */
  public static ByteBuf buffer(ByteBufAllocator allocator, byte[] packet) {
    int size = 19 + packet.length;
    return allocator.buffer(size, size).writeZero(19).writeBytes(packet).readerIndex(19);
  }

  /** The checksum as RFC 1071 describes it, one 16-bit word after the other. */
  public static int naiveChecksum(byte[] bytes, int from, int length) {
    long sum = 0;
    for (int i = 0; i < length; i += 2) {
      int low = i + 1 < length ? bytes[from + i + 1] & 0xff : 0;
      sum += (bytes[from + i] & 0xff) * 256 + low;
    }
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) (~sum & 0xffff);
  }
}
