package dev.tailbridge.netstack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Who talks to whom: the name of a connection. Made for every packet, so it holds numbers only; see
 * {@link IpAddress} for the halves.
 *
 * @param ports ours in the upper 16 bits, the peer's in the lower
 */
record FourTuple(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {

  private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

  static FourTuple of(IpAddress local, int localPort, InetSocketAddress remote) {
    return of(local, IpAddress.of(remote.getAddress()), ports(localPort, remote.getPort()));
  }

  static FourTuple of(InetAddress local, int localPort, InetAddress remote, int remotePort) {
    return of(IpAddress.of(local), IpAddress.of(remote), ports(localPort, remotePort));
  }

  private static FourTuple of(IpAddress local, IpAddress remote, int ports) {
    return new FourTuple(local.high(), local.low(), remote.high(), remote.low(), ports);
  }

  static int ports(int local, int remote) {
    return local << 16 | remote;
  }

  InetSocketAddress local() {
    return new InetSocketAddress(IpAddress.inet(localHigh, localLow), localPort());
  }

  InetSocketAddress remote() {
    return new InetSocketAddress(IpAddress.inet(remoteHigh, remoteLow), remotePort());
  }

  int localPort() {
    return ports >>> 16;
  }

  int remotePort() {
    return ports & 0xffff;
  }

  boolean isIpv4() {
    return IpAddress.isIpv4(localHigh, localLow);
  }

  FourTuple withLocalPort(int port) {
    return new FourTuple(localHigh, localLow, remoteHigh, remoteLow, ports(port, remotePort()));
  }

  boolean sameRemoteAddress(FourTuple other) {
    return remoteHigh == other.remoteHigh && remoteLow == other.remoteLow;
  }

  /** As bytes, for a keyed hash. */
  byte[] bytes() {
    return ByteBuffer.allocate(36)
        .putLong(localHigh)
        .putLong(localLow)
        .putLong(remoteHigh)
        .putLong(remoteLow)
        .putInt(ports)
        .array();
  }

  @Override
  public int hashCode() {
    long hash = (localHigh ^ remoteHigh) * MIX + localLow;
    hash = (hash ^ hash >>> 32) * MIX + remoteLow;
    hash = (hash ^ hash >>> 32) * MIX + ports;
    hash = (hash ^ hash >>> 32) * MIX;
    return (int) (hash >>> 32);
  }

  @Override
  public String toString() {
    return local() + " - " + remote();
  }
}
