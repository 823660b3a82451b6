package dev.tailbridge.benchmarks;

import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;

/**
 * One end of a wire in memory: what is flushed here is a batch at the other end, a moment later.
 */
final class MemoryLink implements PacketLink {

  private final EventLoop loop;
  private final int mtu;
  private final ArrayDeque<ByteBuf> written = new ArrayDeque<>();
  private final ArrayDeque<ByteBuf> underway = new ArrayDeque<>();
  private MemoryLink other = this;
  private PacketReceiver receiver;
  private boolean arriving;

  private MemoryLink(EventLoop loop, int mtu) {
    this.loop = loop;
    this.mtu = mtu;
  }

  /** Both ends; they live on one loop. */
  static MemoryLink[] pair(EventLoop loop, int mtu) {
    MemoryLink one = new MemoryLink(loop, mtu);
    MemoryLink two = new MemoryLink(loop, mtu);
    one.other = two;
    two.other = one;
    return new MemoryLink[] {one, two};
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
    written.add(packet);
  }

  @Override
  public void flush() {
    underway.addAll(written);
    written.clear();
    if (!arriving && !underway.isEmpty()) {
      arriving = true;
      loop.execute(this::arrive);
    }
  }

  private void arrive() {
    arriving = false;
    ByteBuf packet;
    while ((packet = underway.poll()) != null) {
      other.receiver.packet(packet);
    }
    other.receiver.batchComplete();
  }

  @Override
  public void receiver(PacketReceiver to) {
    receiver = to;
  }
}
