package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.bridge.forward.PacketSink;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/**
 * What a stack sees of one side of a device. Its packets come from the forwarder, which has looked
 * at them before, and leave through its counters.
 */
final class StackLink implements PacketLink {

  private final EventLoop loop;
  private final int mtu;
  private final PacketSink out;
  private final Runnable flush;

  StackLink(EventLoop loop, int mtu, PacketSink out, Runnable flush) {
    this.loop = loop;
    this.mtu = mtu;
    this.out = out;
    this.flush = flush;
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
  public void flush() {
    flush.run();
  }

  /** The forwarder knows the stack itself. */
  @Override
  public void receiver(PacketReceiver receiver) {
    throw new UnsupportedOperationException("packets come from the forwarder");
  }
}
