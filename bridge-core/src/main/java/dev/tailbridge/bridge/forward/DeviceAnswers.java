package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.TcpReset;
import io.netty.buffer.ByteBuf;

/**
 * Tells the device at once what will never be answered, so that its software need not wait for a
 * timeout. Borrows the packet in question, as it came: TCP, UDP or echo, since errors must not be
 * answered by errors (RFC 1122 3.2.2). Resets are not answered by resets (RFC 9293 3.10.7.1), and a
 * flood meets silence after a while.
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
  void unreachable(ByteBuf about, int code, long nowNanos) {
    unreachable(about, code, 0, nowNanos);
  }

  /** Sends "fragmentation needed" (RFC 1191 4) with the MTU that the packet exceeds. */
  void fragmentationNeeded(ByteBuf about, int mtu, long nowNanos) {
    unreachable(about, IcmpError.FRAGMENTATION_NEEDED, mtu, nowNanos);
  }

  private void unreachable(ByteBuf about, int code, int mtu, long nowNanos) {
    if (bucket.take(nowNanos)) {
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
