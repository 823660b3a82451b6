package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Reassembler;

/**
 * Bounds of one device's tables.
 *
 * @param tcpFlows TCP connections; those that only just open or have ended give way first
 * @param udpFlows UDP flows; the one idle for longest gives way
 * @param pings echo identifiers in each direction; the one idle for longest gives way
 * @param reassemblies datagrams in fragments at a time, in each direction
 * @param reassemblyBytes memory for them in each direction; below about 66,000 the largest IPv4
 *     datagrams cannot be reassembled
 */
public record ForwardLimits(
    int tcpFlows, int udpFlows, int pings, int reassemblies, int reassemblyBytes) {

  /** Enough for a chip with 16 sockets many times over; about 2 MB when all is full. */
  public static final ForwardLimits DEFAULT = new ForwardLimits(4096, 2048, 256, 16, 96 * 1024);

  /** Refuses bounds below 1, and tables larger than the ports that translation may choose from. */
  public ForwardLimits {
    int most = 32768;
    if (Math.min(tcpFlows, Math.min(udpFlows, pings)) < 1
        || Math.max(tcpFlows, Math.max(udpFlows, pings)) > most) {
      throw new IllegalArgumentException("a flow table holds 1 to " + most + " flows");
    }
    if (reassemblies < 1 || reassemblyBytes < 1) {
      throw new IllegalArgumentException("reassembly needs at least one datagram and one byte");
    }
  }

  Reassembler reassembler(int maxSize, Exits exits) {
    return new Reassembler(
        reassemblies,
        reassemblyBytes,
        maxSize,
        (reason, packet) -> exits.drop(ForwardDrop.of(reason), packet));
  }
}
