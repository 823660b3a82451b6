package dev.tailbridge.wire;

import static org.awaitility.Awaitility.await;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PeerStatus;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A device as {@link OurEnd} has it: it is answered when it pings, and sends back the numbers that
 * are sent to it.
 */
final class OurPeer implements PacketReceiver {

  /** A port of {@code lab device} at which datagrams are echoed. */
  private static final int ECHO = 9999;

  private static final int OURS = 5000;
  private static final int UDP = 17;
  private static final int ECHO_REQUEST = 8;

  final AtomicInteger handshakes = new AtomicInteger();

  /** Where it was heard, each time that changed. */
  final Queue<InetSocketAddress> moves = new ConcurrentLinkedQueue<>();

  /** What it sent back, in the order of arrival. */
  final Queue<Integer> numbers = new ConcurrentLinkedQueue<>();

  /** Answers to {@link #ping}. */
  final AtomicInteger pongs = new AtomicInteger();

  /** Packets that came, of whatever kind. */
  final AtomicInteger packets = new AtomicInteger();

  private final String address;
  private volatile @Nullable WireGuardPeer peer;

  OurPeer(PeerConfig config) {
    this.address = config.allowedIps().get(0).address().getHostAddress();
  }

  /** On the peer's event loop. */
  void attach(WireGuardPeer to) {
    peer = to;
    to.receiver(this);
  }

  WireGuardPeer peer() {
    return Objects.requireNonNull(peer, "not attached yet");
  }

  PeerStatus status() {
    return peer().status();
  }

  long dropped(DropReason reason) {
    return status().dropped(reason);
  }

  /** Sends the numbers from {@code first} on, in one go, to be sent back. */
  void send(int first, int count) {
    peer()
        .eventLoop()
        .submit(
            () -> {
              for (int i = first; i < first + count; i++) {
                byte[] number = ByteBuffer.allocate(4).putInt(i).array();
                write(TestPacket.udp(OurEnd.ADDRESS, OURS, address, ECHO, number).bytes());
              }
              peer().flush();
            })
        .syncUninterruptibly();
  }

  /** Sends one echo request. */
  void ping() {
    peer()
        .eventLoop()
        .execute(
            () -> {
              write(TestPacket.echo(OurEnd.ADDRESS, address, ECHO_REQUEST, 1).bytes());
              peer().flush();
            });
  }

  /** Sends a packet to which a network stack has nothing to say: its UDP checksum is wrong. */
  void sendSilently() {
    byte[] packet = TestPacket.udp(OurEnd.ADDRESS, OURS, address, ECHO, new byte[1]).bytes();
    packet[26] ^= 1;
    peer()
        .eventLoop()
        .submit(
            () -> {
              write(packet);
              peer().flush();
            })
        .syncUninterruptibly();
  }

  private void write(byte[] packet) {
    peer().write(Unpooled.directBuffer(packet.length).writeBytes(packet));
  }

  /** Waits until the device has sent back this many numbers, and returns all. */
  List<Integer> awaitNumbers(int count, Duration limit) {
    await("numbers that come back")
        .atMost(limit)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> numbers.size() >= count);
    return List.copyOf(numbers);
  }

  void awaitHandshakes(int count, Duration limit) {
    await("handshake " + count)
        .atMost(limit)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> handshakes.get() >= count);
  }

  @Override
  public void packet(ByteBuf buffer) {
    packets.incrementAndGet();
    SeenPacket packet = SeenPacket.take(buffer);
    if (packet.protocol() == UDP && packet.destinationPort() == OURS) {
      numbers.add(packet.u32(28));
    } else if (packet.protocol() == 1 && packet.type() == ECHO_REQUEST) {
      byte[] whole = packet.bytes();
      byte[] data = Arrays.copyOfRange(whole, 28, whole.length);
      write(TestPacket.icmp(OurEnd.ADDRESS, address, 0, 0, packet.u32(24), data).bytes());
    } else if (packet.protocol() == 1 && packet.type() == 0) {
      pongs.incrementAndGet();
    }
  }

  @Override
  public void batchComplete() {
    peer().flush();
  }
}
