package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.bridge.forward.PacketSink;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.function.BooleanSupplier;

/**
 * What a stack sees of one side of a device. Its packets come from the forwarder, which has looked
 * at them before, and leave through its counters.
 */
public final class StackLink implements PacketLink {

  private final EventLoop loop;
  private final int mtu;
  private final PacketSink out;
  private final Runnable flush;
  private final BooleanSupplier writable;

  /**
   * @param out takes packets, {@code flush} sends them off
   * @param writable whether more than some single packets would be taken
   */
  public StackLink(
      EventLoop loop, int mtu, PacketSink out, Runnable flush, BooleanSupplier writable) {
    this.loop = loop;
    this.mtu = mtu;
    this.out = out;
    this.flush = flush;
    this.writable = writable;
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public void write(ByteBuf packet) {
    out.accept(packet);
  }

  @Override
  public boolean isWritable() {
    return writable.getAsBoolean();
  }

  @Override
  public void flush() {
    flush.run();
  }

  /** The forwarder knows the stack itself. */
  @Override
  public void receiver(PacketReceiver receiver) {
    throw new UnsupportedOperationException("packets come from the forwarder");
  }
}
