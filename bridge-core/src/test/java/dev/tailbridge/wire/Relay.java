package dev.tailbridge.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The network between a device and our endpoint: two UDP sockets on 127.0.0.1, one that the device
 * takes for us and one that we take for the device. It keeps what passed, and can lose, repeat and
 * reorder.
 */
final class Relay implements AutoCloseable {

  static final int INITIATION = 1;
  static final int RESPONSE = 2;
  static final int COOKIE = 3;
  static final int TRANSPORT = 4;

  /** Bytes of a transport message with nothing in it. */
  static final int KEEPALIVE_BYTES = 32;

  enum Way {
    TO_US,
    TO_DEVICE
  }

  /** What the network does to a datagram: it hands it on never, once or several times. */
  interface Trouble {
    void pass(byte[] datagram, Consumer<byte[]> onward);
  }

  static Trouble none() {
    return (datagram, onward) -> onward.accept(datagram);
  }

  /** Messages of this type are lost. */
  static Trouble losing(int type) {
    return (datagram, onward) -> {
      if (datagram[0] != type) {
        onward.accept(datagram);
      }
    };
  }

  /** One socket: what arrives at it goes out of the other one. */
  private static final class Side {
    final Way way;
    final DatagramSocket socket;
    final List<byte[]> arrived = new CopyOnWriteArrayList<>();
    final Semaphore marks = new Semaphore(0);
    volatile @Nullable InetSocketAddress party;
    volatile Trouble trouble = none();

    Side(Way way) throws SocketException {
      this.way = way;
      this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    InetSocketAddress address() {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    void run(Side other) {
      byte[] buffer = new byte[2048];
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        while (true) {
          packet.setLength(buffer.length);
          socket.receive(packet);
          if (packet.getLength() == 0) {
            marks.release();
            continue;
          }
          party = (InetSocketAddress) packet.getSocketAddress();
          byte[] datagram = Arrays.copyOf(buffer, packet.getLength());
          arrived.add(datagram);
          trouble.pass(datagram, other::send);
        }
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(way.toString(), e);
        }
      }
    }

    void send(byte[] datagram) {
      InetSocketAddress to = party;
      if (to == null) {
        return;
      }
      try {
        socket.send(new DatagramPacket(datagram, datagram.length, to));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private final Side device;
  private final Side us;

  Relay(InetSocketAddress ours) {
    try {
      device = new Side(Way.TO_US);
      us = new Side(Way.TO_DEVICE);
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    us.party = ours;
    start(device, us);
    start(us, device);
  }

  private static void start(Side from, Side to) {
    Thread thread = new Thread(() -> from.run(to), "relay-" + from.way);
    thread.setDaemon(true);
    thread.start();
  }

  /** Where the device is to send. */
  InetSocketAddress forDevice() {
    return device.address();
  }

  /** Where we are to send, and where our endpoint sees the device. */
  InetSocketAddress forUs() {
    return us.address();
  }

  /** Tells where the device is before it has said a word. */
  void device(int port) {
    device.party = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** What happens from now on to what goes this way. */
  void trouble(Way way, Trouble trouble) {
    from(way).trouble = trouble;
  }

  /** What was sent this way so far, delivered or not. */
  List<byte[]> sent(Way way) {
    return List.copyOf(from(way).arrived);
  }

  List<byte[]> sent(Way way, int type) {
    return from(way).arrived.stream().filter(datagram -> datagram[0] == type).toList();
  }

  int count(Way way, int type) {
    return sent(way, type).size();
  }

  /**
   * Datagrams of these that are the very bytes of an earlier one: sent twice by their sender, or
   * handed to us twice by the kernel.
   */
  static long repeats(List<byte[]> datagrams) {
    return datagrams.size() - datagrams.stream().map(ByteBuffer::wrap).distinct().count();
  }

  long keepalives(Way way) {
    return sent(way, TRANSPORT).stream().filter(d -> d.length == KEEPALIVE_BYTES).count();
  }

  /** Waits until everything that had been sent to this relay has passed it. */
  void settle() {
    try (DatagramSocket marker = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      for (Side side : List.of(device, us)) {
        marker.send(new DatagramPacket(new byte[0], 0, side.address()));
        if (!side.marks.tryAcquire(5, TimeUnit.SECONDS)) {
          throw new IllegalStateException("the relay is stuck " + side.way);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Side from(Way way) {
    return way == Way.TO_US ? device : us;
  }

  @Override
  public void close() {
    device.socket.close();
    us.socket.close();
  }
}
