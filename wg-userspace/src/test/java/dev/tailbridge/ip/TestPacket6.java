package dev.tailbridge.ip;

import static dev.tailbridge.ip.TestPacket.naiveChecksum;

import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds IPv6 packets for tests with arithmetic of its own. Checksums are right unless a test
 * breaks them.
 */
public final class TestPacket6 {

  private final String source;
  private final String destination;
  private final int protocol;
  private final byte[] transport;
  private int trafficClass;
  private int flowLabel;
  private int hopLimit = 61;
  private int identification = 0xabcd1234;
  private int firstHeader;
  private byte[] extensions = new byte[0];

  private TestPacket6(String source, String destination, int protocol, byte[] transport) {
    this.source = source;
    this.destination = destination;
    this.protocol = protocol;
    this.firstHeader = protocol;
    this.transport = transport;
  }

  public static TestPacket6 udp(
      String source, int sourcePort, String destination, int destinationPort, byte[] data) {
    ByteBuffer udp = ByteBuffer.allocate(8 + data.length);
    udp.putShort((short) sourcePort).putShort((short) destinationPort);
    udp.putShort((short) (8 + data.length)).putShort((short) 0).put(data);
    return new TestPacket6(source, destination, 17, udp.array());
  }

  public static TestPacket6 icmp(
      String source, String destination, int type, int code, int rest, byte[] data) {
    ByteBuffer icmp = ByteBuffer.allocate(8 + data.length);
    icmp.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest).put(data);
    return new TestPacket6(source, destination, 58, icmp.array());
  }

  /** An echo request (128) or reply (129) with some data. */
  public static TestPacket6 echo(String source, String destination, int type, int identifier) {
    return icmp(source, destination, type, 0, identifier << 16 | 7, TestPacket.bytes(13));
  }

  /** A packet of any protocol; of TCP the checksum is filled in. */
  public static TestPacket6 raw(String source, String destination, int protocol, byte[] payload) {
    return new TestPacket6(source, destination, protocol, payload.clone());
  }

  public TestPacket6 trafficClass(int value) {
    trafficClass = value;
    return this;
  }

  public TestPacket6 flowLabel(int value) {
    flowLabel = value;
    return this;
  }

  public TestPacket6 hopLimit(int value) {
    hopLimit = value;
    return this;
  }

  public TestPacket6 identification(int value) {
    identification = value;
    return this;
  }

  /** Puts extension headers in front of the payload, the last of which must name its protocol. */
  public TestPacket6 extensions(int first, String hex) {
    firstHeader = first;
    extensions = ByteBufUtil.decodeHexDump(hex);
    return this;
  }

  /** The whole packet. */
  public byte[] bytes() {
    return packet(firstHeader, extensions, checked());
  }

  /** The packet with the checksum field as it was given: zero of UDP and ICMPv6. */
  public byte[] withoutChecksum() {
    return packet(firstHeader, extensions, transport);
  }

  /** The packet in fragments that end at these payload offsets, which are multiples of 8. */
  public List<byte[]> fragments(int... cuts) {
    int length = transport.length;
    List<byte[]> fragments = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : length;
      fragments.add(fragment(from, to, to < length));
      from = to;
    }
    return fragments;
  }

  /** Any part of the packet as a fragment; all of it as an atomic one. */
  public byte[] fragment(int from, int to, boolean more) {
    ByteBuffer header = ByteBuffer.allocate(8);
    header.put((byte) protocol).put((byte) 0).putShort((short) (from | (more ? 1 : 0)));
    header.putInt(identification);
    return packet(44, header.array(), Arrays.copyOfRange(checked(), from, to));
  }

  private byte[] packet(int first, byte[] headers, byte[] payload) {
    ByteBuffer ip = ByteBuffer.allocate(40 + headers.length + payload.length);
    ip.putInt(6 << 28 | trafficClass << 20 | flowLabel);
    ip.putShort((short) (headers.length + payload.length)).put((byte) first).put((byte) hopLimit);
    return ip.put(address(source)).put(address(destination)).put(headers).put(payload).array();
  }

  private byte[] checked() {
    int at =
        switch (protocol) {
          case 6 -> 16;
          case 17 -> 6;
          case 58 -> 2;
          default -> -1;
        };
    if (at < 0 || at + 2 > transport.length) {
      return transport;
    }
    byte[] copy = transport.clone();
    ByteBuffer sum = ByteBuffer.allocate(40 + copy.length);
    sum.put(address(source)).put(address(destination)).putInt(copy.length).putInt(protocol);
    int checksum = naiveChecksum(sum.put(copy).array(), 0, sum.capacity());
    ByteBuffer.wrap(copy).putShort(at, (short) (protocol == 17 && checksum == 0 ? -1 : checksum));
    return copy;
  }

  private static byte[] address(String literal) {
    try {
      return InetAddress.getByName(literal).getAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
