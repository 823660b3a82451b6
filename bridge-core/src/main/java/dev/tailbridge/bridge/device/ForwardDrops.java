package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.forward.Drops;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.RefusedCalls;
import dev.tailbridge.ip.PacketText;
import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Counts one device's dropped packets by reason, and lets each reason be heard now and then. */
final class ForwardDrops implements Drops, RefusedCalls {

  private final long[] counts = new long[ForwardDrop.values().length];
  private final DeviceLog log;

  ForwardDrops(DeviceLog log) {
    this.log = log;
  }

  @Override
  public void count(ForwardDrop reason, ByteBuf packet) {
    count(reason, () -> PacketText.describe(packet));
  }

  @Override
  public void count(ForwardDrop reason, InetSocketAddress caller, InetSocketAddress called) {
    count(reason, () -> "TCP " + text(caller) + " > " + text(called));
  }

  /** A datagram to the bridge itself that gets no answer. */
  void question(ForwardDrop reason, InetSocketAddress asker, InetSocketAddress asked) {
    count(reason, () -> "UDP " + text(asker) + " > " + text(asked));
  }

  private void count(ForwardDrop reason, Supplier<String> packet) {
    counts[reason.ordinal()]++;
    if (reason == ForwardDrop.CALLER_DENIED) {
      return; // told with the caller's name, see DeviceLog
    }
    log.limited(reason.name(), () -> "dropped " + packet.get() + ": " + reason.explanation());
  }

  private static String text(InetSocketAddress address) {
    return NetUtil.toSocketAddressString(address);
  }

  Map<ForwardDrop, Long> counts() {
    Map<ForwardDrop, Long> seen = new EnumMap<>(ForwardDrop.class);
    for (ForwardDrop reason : ForwardDrop.values()) {
      if (counts[reason.ordinal()] > 0) {
        seen.put(reason, counts[reason.ordinal()]);
      }
    }
    return seen;
  }
}
