package dev.tailbridge.netstack;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Addresses;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The UDP ports of a stack, and datagrams out of packets and packets out of datagrams. */
final class UdpEndpoints {

  private static final int FIRST_FREE_PORT = 49152;
  private static final int FREE_PORTS = 65536 - FIRST_FREE_PORT;

  private final Stack stack;
  private final Map<Integer, UdpEndpoint> endpoints = new HashMap<>();

  /** Those that had datagrams in this batch. */
  private final Set<UdpEndpoint> busy = new LinkedHashSet<>();

  private int nextFree;

  UdpEndpoints(Stack stack) {
    this.stack = stack;
  }

  UdpEndpoint bind(int wanted, UdpListener listener) {
    int port = wanted == 0 ? freePort() : wanted;
    UdpEndpoint endpoint = new UdpEndpoint(this, port, listener);
    if (endpoints.putIfAbsent(port, endpoint) != null) {
      throw new IllegalStateException("UDP port " + port + " of the tunnel is taken");
    }
    return endpoint;
  }

  /** In turn, so that what comes late for the one before finds the port closed for long. */
  private int freePort() {
    for (int tried = 0; tried < FREE_PORTS; tried++) {
      int port = FIRST_FREE_PORT + nextFree;
      nextFree = (nextFree + 1) % FREE_PORTS;
      if (!endpoints.containsKey(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free UDP port");
  }

  void remove(UdpEndpoint endpoint) {
    endpoints.remove(endpoint.port(), endpoint);
    busy.remove(endpoint);
  }

  void clear() {
    endpoints.clear();
    busy.clear();
  }

  /** Whether somebody took it, or nobody should hear that nobody did. */
  boolean arrived(IpPacket packet) {
    if (packet.length() < UdpHeader.LENGTH) {
      return true;
    }
    ByteBuf buffer = packet.buffer();
    int length = buffer.getUnsignedShort(packet.payload() + 4);
    UdpHeader udp = UdpHeader.at(buffer, packet.payload(), packet.length());
    // RFC 8200 8.1: over IPv6 there is always a checksum.
    if (length != packet.length()
        || !udp.hasValidChecksum(packet.pseudoHeader())
        || (!packet.ipv4() && !udp.hasChecksum())) {
      return true;
    }
    FourTuple tuple = packet.tuple();
    UdpEndpoint endpoint = endpoints.get(tuple.localPort());
    if (endpoint == null) {
      return false;
    }
    int size = length - UdpHeader.LENGTH;
    ByteBuf data = PooledByteBufAllocator.DEFAULT.heapBuffer(size, Math.max(size, 1));
    data.writeBytes(buffer, packet.payload() + UdpHeader.LENGTH, size);
    busy.add(endpoint);
    endpoint.listener.datagram(data, tuple.local(), tuple.remote());
    return true;
  }

  void batchComplete() {
    if (!busy.isEmpty()) {
      for (UdpEndpoint endpoint : new ArrayList<>(busy)) {
        endpoint.listener.batchComplete();
      }
      busy.clear();
    }
  }

  void unreachable(FourTuple tuple) {
    @Nullable UdpEndpoint endpoint = endpoints.get(tuple.localPort());
    if (endpoint != null) {
      endpoint.listener.unreachable(tuple.local(), tuple.remote());
    }
  }

  int maxData(InetAddress to) {
    int ip = to instanceof Inet4Address ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    return stack.mtu() - ip - UdpHeader.LENGTH;
  }

  void send(ByteBuf data, InetAddress from, int port, InetSocketAddress to) {
    try {
      int size = data.readableBytes();
      if (size > maxData(to.getAddress())) {
        throw new IllegalArgumentException(
            size + " bytes from " + from + " to " + to + " do not make one packet");
      }
      stack.sendSoon(packet(data, size, tuple(from, port, to)));
    } finally {
      data.release();
    }
  }

  /** Quotes the least of a datagram that its sender can know as its own: the headers. */
  void refuse(InetAddress from, int port, InetSocketAddress sender) {
    FourTuple theirs =
        tuple(sender.getAddress(), sender.getPort(), new InetSocketAddress(from, port));
    ByteBuf about = packet(Unpooled.EMPTY_BUFFER, 0, theirs);
    try {
      stack.sendSoon(
          from instanceof Inet4Address ipv4
              ? IcmpError.unreachable(
                  about, Ipv4Addresses.of(ipv4), IcmpError.PORT_UNREACHABLE, /* mtu= */ 0)
              : IcmpError.unreachable6(about, IcmpError.V6_PORT_UNREACHABLE));
    } finally {
      about.release();
    }
  }

  private static FourTuple tuple(InetAddress from, int port, InetSocketAddress to) {
    FourTuple tuple = FourTuple.of(IpAddress.of(from), port, to);
    if (tuple.isIpv4() != IpAddress.isIpv4(tuple.remoteHigh(), tuple.remoteLow())) {
      throw new IllegalArgumentException(from + " and " + to + " are not of one family");
    }
    return tuple;
  }

  private static ByteBuf packet(ByteBuf data, int size, FourTuple tuple) {
    PacketScratch scratch = PacketScratch.ofThisThread();
    int header = tuple.isIpv4() ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    int length = UdpHeader.LENGTH + size;
    ByteBuf view = scratch.blank(header + length);
    int pseudo = SegmentPackets.writeHeader(view, IpProtocol.UDP, length, tuple);
    UdpHeader udp = UdpHeader.at(view, header, length);
    udp.write(tuple.localPort(), tuple.remotePort());
    view.setBytes(header + UdpHeader.LENGTH, data, data.readerIndex(), size);
    udp.computeChecksum(pseudo);
    return scratch.copy(header + length, PooledByteBufAllocator.DEFAULT);
  }
}
