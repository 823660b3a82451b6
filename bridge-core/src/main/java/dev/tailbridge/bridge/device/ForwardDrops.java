package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.forward.Drops;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.ip.PacketText;
import io.netty.buffer.ByteBuf;
import java.util.EnumMap;
import java.util.Map;

/** Counts one device's dropped packets by reason, and lets each reason be heard now and then. */
final class ForwardDrops implements Drops {

  private final long[] counts = new long[ForwardDrop.values().length];
  private final DeviceLog log;

  ForwardDrops(DeviceLog log) {
    this.log = log;
  }

  @Override
  public void count(ForwardDrop reason, ByteBuf packet) {
    counts[reason.ordinal()]++;
    log.limited(
        reason.name(),
        () -> "dropped " + PacketText.describe(packet) + ": " + reason.explanation());
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
