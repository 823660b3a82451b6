package dev.tailbridge.testing;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A datagram network in memory and virtual time that loses, duplicates and reorders, the same way
 * for the same seed. By default it is perfect and takes 10 ms one way.
 */
public final class BadWire {

  /** A datagram that somebody sent, delivered or not. */
  public static final class Datagram {
    private final long nanos;
    private final InetSocketAddress from;
    private final InetSocketAddress to;
    private final byte[] bytes;

    private Datagram(long nanos, InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
      this.nanos = nanos;
      this.from = from;
      this.to = to;
      this.bytes = bytes;
    }

    public long nanos() {
      return nanos;
    }

    public InetSocketAddress from() {
      return from;
    }

    public InetSocketAddress to() {
      return to;
    }

    public byte[] bytes() {
      return bytes.clone();
    }

    /** The first byte: the message type of WireGuard. */
    public int type() {
      return bytes[0];
    }
  }

  /** Where datagrams arrive. */
  public interface Receiver {
    void receive(byte[] datagram, InetSocketAddress from);
  }

  private final VirtualClock clock;
  private final Random random;
  private final Map<InetSocketAddress, Receiver> receivers = new HashMap<>();
  private final List<Datagram> sent = new ArrayList<>();
  private double loss;
  private double duplication;
  private long delayNanos = 10_000_000;
  private long jitterNanos;

  public BadWire(VirtualClock clock, long seed) {
    this.clock = clock;
    this.random = new Random(seed);
  }

  /** The share of datagrams lost, 0 to 1. */
  public BadWire loss(double share) {
    this.loss = share;
    return this;
  }

  /** The share of datagrams that arrive twice, 0 to 1. */
  public BadWire duplication(double share) {
    this.duplication = share;
    return this;
  }

  /** The least time one way, and how much it varies; what varies overtakes. */
  public BadWire delay(Duration least, Duration variation) {
    this.delayNanos = least.toNanos();
    this.jitterNanos = variation.toNanos();
    return this;
  }

  /** Connects an address, replacing what was there. */
  public void attach(InetSocketAddress address, Receiver receiver) {
    receivers.put(address, receiver);
  }

  public void detach(InetSocketAddress address) {
    receivers.remove(address);
  }

  public void send(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
    sent.add(new Datagram(clock.nowNanos(), from, to, datagram.clone()));
    int copies = random.nextDouble() < duplication ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (random.nextDouble() >= loss) {
        long delay = delayNanos + (long) (random.nextDouble() * jitterNanos);
        clock.at(clock.nowNanos() + delay, () -> deliver(from, to, datagram.clone()));
      }
    }
  }

  /** Everything that was put on the wire so far, and forgets it. */
  public List<Datagram> takeSent() {
    List<Datagram> all = List.copyOf(sent);
    sent.clear();
    return all;
  }

  private void deliver(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
    Receiver receiver = receivers.get(to);
    if (receiver != null) {
      receiver.receive(datagram, from);
    }
  }
}
