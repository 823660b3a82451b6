package dev.tailbridge.bridge.device;

import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import java.util.function.ObjLongConsumer;

/** Packets of one direction; all of a batch have the time of its first. */
final class Inflow implements PacketReceiver {

  private final ObjLongConsumer<ByteBuf> translate;
  private final Runnable passOn;
  private final Runnable writable;
  private boolean inBatch;
  private long batchNanos;

  /**
   * @param translate takes a packet and the time, monotonic nanoseconds
   * @param passOn sends off what a batch brought about
   * @param writable hears that more would be taken in the other direction
   */
  Inflow(ObjLongConsumer<ByteBuf> translate, Runnable passOn, Runnable writable) {
    this.translate = translate;
    this.passOn = passOn;
    this.writable = writable;
  }

  @Override
  public void packet(ByteBuf packet) {
    if (!inBatch) {
      inBatch = true;
      batchNanos = System.nanoTime();
    }
    translate.accept(packet, batchNanos);
  }

  @Override
  public void batchComplete() {
    inBatch = false;
    passOn.run();
  }

  @Override
  public void writabilityChanged() {
    writable.run();
  }
}
