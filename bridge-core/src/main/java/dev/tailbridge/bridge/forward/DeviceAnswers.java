package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.TcpReset;
import io.netty.buffer.ByteBuf;

/**
 * Tells the device at once what will never be answered, so that its software need not wait for a
 * timeout. Borrows the packet in question, as it came. Errors are never answered by errors, nor
 * resets by resets (RFC 1122 3.2.2, RFC 9293 3.10.7.1), and a flood meets silence after a while.
 */
final class DeviceAnswers {

  private final int bridge;
  private final Exits exits;
  private final TokenBucket bucket = new TokenBucket(50, 100);

  DeviceAnswers(int bridge, Exits exits) {
    this.bridge = bridge;
    this.exits = exits;
  }

  /** Sends "destination unreachable" from the bridge's address; codes as in {@link IcmpError}. */
  void unreachable(ByteBuf about, Ipv4Header ip, int code, long nowNanos) {
    unreachable(about, ip, code, 0, nowNanos);
  }

  /** Sends "fragmentation needed" (RFC 1191 4) with the MTU that the packet exceeds. */
  void fragmentationNeeded(ByteBuf about, Ipv4Header ip, int mtu, long nowNanos) {
    unreachable(about, ip, IcmpError.FRAGMENTATION_NEEDED, mtu, nowNanos);
  }

  private void unreachable(ByteBuf about, Ipv4Header ip, int code, int mtu, long nowNanos) {
    boolean error = ip.protocol() == IpProtocol.ICMP && IcmpHeader.of(about, ip).isError();
    if (!error && bucket.take(nowNanos)) {
      exits.toDevice(IcmpError.unreachable(about, bridge, code, mtu));
    }
  }

  /** Resets a connection, in the name of whom the segment went to. */
  void reset(ByteBuf about, Ipv4Header ip, long nowNanos) {
    if (!TcpHeader.of(about, ip).has(TcpHeader.RST) && bucket.take(nowNanos)) {
      exits.toDevice(TcpReset.answering(about));
    }
  }
}
