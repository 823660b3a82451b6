package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A stack takes whatever its link brings, and goes on. */
@ExtendWith(NoBufferLeaks.class)
class AnyPacketTest {

  private static final int PACKETS = Integer.getInteger("any.packets", 5_000);
  private static final String US = "10.6.0.1";
  private static final String THEM = "10.6.0.2";

  private final VirtualLinks links = new VirtualLinks(Duration.ofMillis(1));
  private final StackConfig config = links.clocked(StackConfig.wan(1280));
  private final Stack stack = stack(links.left, US);
  private final Stack peer = stack(links.right, THEM);

  private Stack stack(PacketLink link, String... own) {
    List<InetAddress> addresses =
        Arrays.stream(own).map(text -> IpPrefix.parse(text).address()).toList();
    return new Stack(link, addresses, config).start();
  }

  @AfterEach
  void close() {
    stack.close();
    peer.close();
    links.advance(Duration.ofSeconds(1));
    links.close();
  }

  @Test
  void genuinePacketsWithChangesDoNoHarm() {
    long seed = Long.getLong("any.seed", System.nanoTime());
    Random random = new Random(seed);
    stack.listen(80, PendingConnection::accept);
    stack.bindUdp(53, (data, local, remote) -> data.release());
    Connection call = connect();
    List<byte[]> genuine = genuine();
    for (int i = 0; i < PACKETS; i++) {
      byte[] packet = changed(genuine.get(random.nextInt(genuine.size())), random);
      try {
        links.left.receive(packet);
        links.settle();
      } catch (RuntimeException e) {
        fail("seed " + seed + ", packet " + ByteBufUtil.hexDump(packet), e);
      }
    }
    links.advance(Duration.ofSeconds(5));
    call.close();
    links.advance(Duration.ofSeconds(5));
    // The connection that all of it was not about went on and ended in order.
    assertThat(call.tcb().failure()).as("seed %d", seed).isNull();
    assertThat(call.tcb().state()).as("seed %d", seed).isNotEqualTo(TcpState.ESTABLISHED);
    Connection another = connect();
    another.close();
  }

  private Connection connect() {
    Connection call =
        peer.connect(new InetSocketAddress(IpPrefix.parse(US).address(), 80), null, () -> {});
    assertThat(
            links.advanceUntil(
                () -> call.tcb().state() == TcpState.ESTABLISHED, Duration.ofSeconds(5)))
        .isTrue();
    return call;
  }

  private static List<byte[]> genuine() {
    List<byte[]> packets = new ArrayList<>();
    byte[] data = TestPacket.bytes(100);
    byte[] options = {2, 4, 5, 0, 1, 3, 3, 7, 4, 2, 8, 10, 1, 1, 1, 1, 0, 0, 0, 0};
    for (int flags : new int[] {TestPacket.SYN, TestPacket.ACK, TestPacket.RST, 17, 18, 20}) {
      packets.add(TestPacket.tcp(THEM, 7, US, 80, flags, options, data).bytes());
    }
    packets.add(TestPacket.udp(THEM, 7, US, 53, data).bytes());
    packets.add(TestPacket.udp(THEM, 7, US, 54, data).bytes());
    packets.addAll(TestPacket.udp(THEM, 7, US, 53, data).fragments(32, 64));
    packets.add(TestPacket.echo(THEM, US, 8, 7).bytes());
    byte[] ours = TestPacket.tcp(US, 80, THEM, 7, TestPacket.ACK).bytes();
    for (int code : new int[] {IcmpError.PORT_UNREACHABLE, IcmpError.FRAGMENTATION_NEEDED}) {
      ByteBuf error = IcmpError.unreachable(Unpooled.wrappedBuffer(ours), 0x0a060002, code, 600);
      packets.add(ByteBufUtil.getBytes(error));
      error.release();
    }
    ByteBuffer six = ByteBuffer.allocate(80);
    six.putInt(0x6000_0000).putShort((short) 40).put((byte) 44).put((byte) 64);
    six.position(40).put((byte) 6);
    packets.add(six.array());
    return packets;
  }

  /** Some bytes other, some cut off; lengths and header checksum are mostly repaired. */
  private static byte[] changed(byte[] genuine, Random random) {
    int length = random.nextInt(4) == 0 ? 1 + random.nextInt(genuine.length) : genuine.length;
    byte[] packet = Arrays.copyOf(genuine, length);
    for (int changes = random.nextInt(5); changes > 0; changes--) {
      packet[random.nextInt(length)] = (byte) random.nextInt();
    }
    if (length >= 20 && packet[0] >>> 4 == 4 && random.nextInt(8) > 0) {
      ByteBuffer ip = ByteBuffer.wrap(packet);
      ip.putShort(2, (short) length).putShort(10, (short) 0);
      int header = Math.max(20, Math.min(length, (packet[0] & 15) * 4));
      ip.putShort(10, (short) TestPacket.naiveChecksum(packet, 0, header));
    }
    return packet;
  }
}
