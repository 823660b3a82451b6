package dev.tailbridge.netstack;

import static dev.tailbridge.ip.TestPacket.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.tcp.TcpFailure;
import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pings, and errors both ways. */
@ExtendWith(NoBufferLeaks.class)
class IcmpTest {

  private static final String US = "10.6.0.1";
  private static final String THEM = "10.6.0.2";
  private static final String US6 = "fd00::1";
  private static final Duration MOMENT = Duration.ofMillis(100);

  private final VirtualLinks links = new VirtualLinks(Duration.ofMillis(10));
  private final StackConfig config = links.clocked(StackConfig.wan(1280));
  private final Stack stack =
      new Stack(
              links.left,
              List.of(IpPrefix.parse(US).address(), IpPrefix.parse(US6).address()),
              config)
          .start();

  @AfterEach
  void close() {
    stack.close();
    links.advance(MOMENT);
    links.close();
  }

  private List<byte[]> answers(byte[]... packets) {
    links.left.takeSent();
    for (byte[] packet : packets) {
      links.left.receive(packet);
    }
    links.settle();
    return links.left.takeSent();
  }

  @Test
  void aPingOfAnAddressOfOursIsAnswered() {
    byte[] request = TestPacket.echo(THEM, US, 8, 77).bytes();
    byte[] reply = TestPacket.echo(US, THEM, 0, 77).ttl(64).bytes();
    assertThat(answers(request)).containsExactly(reply);
  }

  @Test
  void aPingOfAnotherAddressOrWithAWrongChecksumIsNot() {
    byte[] wrong = TestPacket.echo(THEM, US, 8, 77).bytes();
    wrong[25]++;
    assertThat(answers(wrong, TestPacket.echo(THEM, "10.6.0.9", 8, 77).bytes())).isEmpty();
  }

  @Test
  void aPingOverIpv6IsAnswered() {
    byte[] request = icmp6("fd00::2", US6, 128, 0, 0x00070001, bytes(20));
    byte[] reply = icmp6(US6, "fd00::2", 129, 0, 0x00070001, bytes(20));
    assertThat(answers(request)).containsExactly(reply);
  }

  @Test
  void aFrontAnswersNoPingAndNoClosedPort() {
    new Stack(links.left, List.of(), config).start();
    assertThat(
            answers(
                TestPacket.echo(THEM, US, 8, 77).bytes(),
                TestPacket.udp(THEM, 1000, US, 53, bytes(5)).bytes()))
        .isEmpty();
  }

  @Test
  void aClosedUdpPortIsUnreachable() {
    byte[] datagram = TestPacket.udp(THEM, 1000, US, 53, bytes(5)).bytes();
    List<byte[]> answers = answers(datagram);
    assertThat(answers).hasSize(1);
    byte[] error = answers.get(0);
    assertThat(error[20]).isEqualTo((byte) 3);
    assertThat(error[21]).isEqualTo((byte) IcmpError.PORT_UNREACHABLE);
    assertThat(Arrays.copyOfRange(error, 28, error.length)).isEqualTo(datagram);
  }

  /** Who listens may find out later that it is of no use. */
  @Test
  void aSenderHearsThatItsDatagramsWereRefused() {
    UdpEndpoint[] port = new UdpEndpoint[1];
    port[0] =
        stack.bindUdp(
            53,
            (data, local, remote) -> {
              data.release();
              port[0].refuse(local.getAddress(), remote);
            });
    byte[] datagram = TestPacket.udp(THEM, 1000, US, 53, bytes(5)).bytes();
    byte[] headers = TestPacket.udp(THEM, 1000, US, 53, new byte[0]).bytes();
    byte[] error = answers(datagram).get(0);
    assertThat(Arrays.copyOfRange(error, 20, 22))
        .isEqualTo(new byte[] {3, IcmpError.PORT_UNREACHABLE});
    ByteBuffer quoted = ByteBuffer.wrap(error, 28, error.length - 28);
    ByteBuffer meant = ByteBuffer.wrap(headers);
    assertThat(quoted.remaining()).isEqualTo(headers.length);
    for (int at : new int[] {0, 12, 16, 20}) { // version, addresses, ports
      assertThat(quoted.getInt(28 + at)).as("at " + at).isEqualTo(meant.getInt(at));
    }
    // What a stack of our own makes of it.
    List<InetSocketAddress> refused = new ArrayList<>();
    Stack theirs = new Stack(links.right, List.of(IpPrefix.parse(THEM).address()), config).start();
    UdpEndpoint asking =
        theirs.bindUdp(
            2000,
            new UdpListener() {
              @Override
              public void datagram(
                  ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
                data.release();
              }

              @Override
              public void unreachable(InetSocketAddress local, InetSocketAddress remote) {
                refused.add(remote);
              }
            });
    asking.send(
        Unpooled.wrappedBuffer(bytes(5)),
        IpPrefix.parse(THEM).address(),
        new InetSocketAddress(IpPrefix.parse(US).address(), 53));
    links.advance(MOMENT);
    assertThat(refused).containsExactly(new InetSocketAddress(IpPrefix.parse(US).address(), 53));
    theirs.close();
  }

  @Test
  void freeUdpPortsComeInTurn() {
    UdpEndpoint first = stack.bindUdp(0, (data, local, remote) -> data.release());
    first.close();
    UdpEndpoint second = stack.bindUdp(0, (data, local, remote) -> data.release());
    assertThat(second.port()).isEqualTo(first.port() + 1);
    second.close();
  }

  @Test
  void errorsThatAnswerAreLimited() {
    byte[][] datagrams = new byte[300][];
    Arrays.setAll(datagrams, i -> TestPacket.udp(THEM, 1000 + i, US, 53, bytes(5)).bytes());
    assertThat(answers(datagrams)).hasSize(100);
    links.advance(Duration.ofSeconds(1));
    assertThat(answers(datagrams)).hasSize(100);
  }

  @Test
  void whatComesInFragmentsIsPutTogether() {
    List<byte[]> fragments = TestPacket.udp(THEM, 1000, US, 53, bytes(200)).fragments(64, 128);
    assertThat(answers(fragments.get(2), fragments.get(0))).isEmpty();
    assertThat(answers(fragments.get(1))).hasSize(1);
  }

  /** A call that was sent, and its packet. */
  private Connection call(String to) {
    links.left.takeSent();
    Connection call =
        stack.connect(new InetSocketAddress(IpPrefix.parse(to).address(), 80), null, () -> {});
    links.settle();
    return call;
  }

  private byte[] unreachable(int code, int mtu, byte[] about) {
    ByteBuf packet = Unpooled.wrappedBuffer(about);
    ByteBuf error = IcmpError.unreachable(packet, 0x0a060002, code, mtu);
    byte[] bytes = ByteBufUtil.getBytes(error);
    error.release();
    return bytes;
  }

  @Test
  void anUnreachablePortEndsACallAtOnceAndAnUnreachableHostDoesNot() {
    Connection call = call(THEM);
    byte[] syn = links.left.takeSent().get(0);
    answers(unreachable(IcmpError.HOST_UNREACHABLE, 0, syn));
    assertThat(call.tcb().state()).isEqualTo(TcpState.SYN_SENT);
    answers(unreachable(IcmpError.PORT_UNREACHABLE, 0, syn));
    assertThat(call.tcb().failure()).isEqualTo(TcpFailure.UNREACHABLE);
    assertThat(stack.connectionCount()).isZero();
  }

  @Test
  void anErrorAboutWhatWasNeverSentChangesNothing() {
    Connection call = call(THEM);
    byte[] syn = links.left.takeSent().get(0);
    ByteBuffer.wrap(syn).putInt(24, ByteBuffer.wrap(syn).getInt(24) + 1);
    answers(unreachable(IcmpError.PORT_UNREACHABLE, 0, syn));
    assertThat(call.tcb().state()).isEqualTo(TcpState.SYN_SENT);
  }

  @Test
  void overIpv6AnUnreachablePortEndsACallToo() {
    Connection call = call("fd00::2");
    byte[] syn = links.left.takeSent().get(0);
    answers(icmp6("fd00::2", US6, 1, 4, 0, syn));
    assertThat(call.tcb().failure()).isEqualTo(TcpFailure.UNREACHABLE);
  }

  @Test
  void aSegmentThatWasTooBigIsCutAnew() {
    Stack far = new Stack(links.right, List.of(IpPrefix.parse(THEM).address()), config).start();
    Connection[] accepted = {null};
    far.listen(80, pending -> accepted[0] = pending.accept());
    Connection call = call(THEM);
    links.advance(MOMENT);
    links.left.lose(packet -> packet.length > 1000);
    links.left.takeSent();
    call.tcb().write(new byte[5_000], 0, 5_000);
    call.transmit();
    links.settle();
    byte[] big = links.left.takeSent().get(0);
    assertThat(big.length).isEqualTo(1280);
    List<byte[]> again = answers(unreachable(IcmpError.FRAGMENTATION_NEEDED, 1000, big));
    assertThat(again).isNotEmpty().allMatch(packet -> packet.length <= 1000);
    links.advance(Duration.ofSeconds(2));
    assertThat(accepted[0].tcb().readable()).isEqualTo(5_000);
    far.close();
  }

  private static byte[] icmp6(String from, String to, int type, int code, int rest, byte[] data) {
    ByteBuffer packet = ByteBuffer.allocate(48 + data.length);
    packet.putInt(0x6000_0000).putShort((short) (8 + data.length)).put((byte) 58).put((byte) 64);
    packet.put(IpPrefix.parse(from).address().getAddress());
    packet.put(IpPrefix.parse(to).address().getAddress());
    packet.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest).put(data);
    ByteBuf all = Unpooled.wrappedBuffer(packet.array());
    int sum = InternetChecksum.sum(all, 8, packet.capacity() - 8);
    sum = InternetChecksum.add(sum, InternetChecksum.add(58, 8 + data.length));
    packet.putShort(42, (short) ~sum);
    return packet.array();
  }
}
