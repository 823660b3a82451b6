package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A wire with two ends. Packets arrive in order, a fixed time later, or not at all. */
final class SimulatedLink {

  final End near = new End();
  final End far = new End();
  private final EventLoop loop;
  private final long delayNanos;
  private final double loss;
  private final Random random;
  private final int mtu;
  private Consumer<ByteBuf> tap = packet -> {};
  private boolean cut;
  private boolean corrupt;

  /**
   * @param delay one way
   * @param loss how probable it is that a packet is lost, 0 to 1
   */
  SimulatedLink(EventLoop loop, int mtu, Duration delay, double loss, long seed) {
    this.loop = loop;
    this.mtu = mtu;
    this.delayNanos = delay.toNanos();
    this.loss = loss;
    this.random = new Random(seed);
    near.other = far;
    far.other = near;
  }

  /** While it is cut every packet is lost. */
  void cut(boolean on) {
    cut = on;
  }

  /** Turns one bit of the last byte of the next packet. */
  void corruptNext() {
    corrupt = true;
  }

  /** Who sees every packet before it leaves. */
  void tap(Consumer<ByteBuf> listener) {
    tap = listener;
  }

  final class End implements PacketLink {
    private @Nullable End other;
    private @Nullable PacketReceiver receiver;
    private long packets;

    /** Packets that were sent from here. */
    long packets() {
      return packets;
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
      packets++;
      tap.accept(packet);
      if (cut || random.nextDouble() < loss) {
        packet.release();
        return;
      }
      if (corrupt) {
        corrupt = false;
        int last = packet.writerIndex() - 1;
        packet.setByte(last, packet.getByte(last) ^ 1);
      }
      loop.schedule(() -> other.arrived(packet), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void arrived(ByteBuf packet) {
      if (receiver == null) {
        packet.release();
      } else {
        receiver.packet(packet);
        receiver.batchComplete();
      }
    }

    @Override
    public void flush() {}

    @Override
    public void receiver(PacketReceiver to) {
      receiver = to;
    }
  }
}
