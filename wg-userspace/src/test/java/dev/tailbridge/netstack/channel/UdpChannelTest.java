package dev.tailbridge.netstack.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.VirtualLinks;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Datagrams there and back, over both families. */
@ExtendWith(NoBufferLeaks.class)
class UdpChannelTest {

  private static final InetAddress SERVER = IpPrefix.parse("10.6.0.1").address();
  private static final InetAddress SERVER6 = IpPrefix.parse("fd00::1").address();
  private static final InetAddress CLIENT = IpPrefix.parse("10.6.0.2").address();
  private static final InetAddress CLIENT6 = IpPrefix.parse("fd00::2").address();
  private static final Duration MOMENT = Duration.ofMillis(50);

  private final VirtualLinks links = new VirtualLinks(Duration.ofMillis(10));
  private final Stack server = stack(links.left, SERVER, SERVER6);
  private final Stack client = stack(links.right, CLIENT, CLIENT6);
  private final List<String> got = new ArrayList<>();

  private Stack stack(PacketLink link, InetAddress... own) {
    return new Stack(link, List.of(own), links.clocked(StackConfig.device(1420))).start();
  }

  @AfterEach
  void close() {
    links.advance(MOMENT);
    links.close();
  }

  private UdpChannel open(Stack stack, InetAddress address, int port, ChannelHandler handler) {
    UdpChannel channel = new UdpChannel(stack);
    channel.pipeline().addLast(handler);
    stack.eventLoop().register(channel);
    ChannelFuture bound = channel.bind(new InetSocketAddress(address, port));
    links.settle();
    assertThat(bound.isSuccess()).as("%s", bound.cause()).isTrue();
    return channel;
  }

  /** Sends everything back, as a DNS server answers: from where it was sent to. */
  private static final class Back extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      DatagramPacket packet = (DatagramPacket) message;
      ctx.write(
          new DatagramPacket(
              packet.content(),
              /* recipient= */ packet.sender(),
              /* sender= */ packet.recipient()));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  private final class Got extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      String from = packet.sender().getAddress().getHostAddress();
      got.add(from + " " + ByteBufUtil.hexDump(packet.content()));
    }
  }

  private ChannelFuture send(UdpChannel from, InetAddress to, int... bytes) {
    byte[] data = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      data[i] = (byte) bytes[i];
    }
    return from.writeAndFlush(
        new DatagramPacket(Unpooled.wrappedBuffer(data), new InetSocketAddress(to, 53)));
  }

  @Test
  void datagramsGoThereAndBackOverBothFamilies() {
    InetAddress any = new InetSocketAddress(0).getAddress();
    open(server, any, 53, new Back());
    UdpChannel caller = open(client, any, 0, new Got());
    send(caller, SERVER, 1, 2, 3);
    send(caller, SERVER6, 4);
    send(caller, SERVER);
    links.advance(MOMENT);
    assertThat(got)
        .containsExactlyInAnyOrder("10.6.0.1 010203", "fd00:0:0:0:0:0:0:1 04", "10.6.0.1 ");
  }

  @Test
  void aBatchIsAnsweredInOneBurst() {
    open(server, SERVER, 53, new Back());
    links.left.takeSent();
    byte[] question = TestPacket.udp("10.6.0.2", 1000, "10.6.0.1", 53, new byte[] {7}).bytes();
    links.left.receive(question, question, question);
    links.settle();
    List<List<byte[]>> bursts = links.left.takeBursts();
    assertThat(bursts).hasSize(1);
    assertThat(bursts.get(0)).hasSize(3);
  }

  @Test
  void onlyTheBoundAddressIsServed() {
    open(server, SERVER6, 53, new Got());
    send(open(client, CLIENT, 0, new Got()), SERVER, 1);
    links.advance(MOMENT);
    assertThat(got).isEmpty();
  }

  @Test
  void whatNobodyReadsWaitsWithinABound() {
    UdpChannel channel = open(server, SERVER, 53, new Got());
    channel.config().setAutoRead(false);
    UdpChannel caller = open(client, CLIENT, 0, new Got());
    // One read was asked for before it was switched off.
    for (int i = 0; i < 100; i++) {
      send(caller, SERVER, i);
    }
    links.advance(MOMENT);
    int before = got.size();
    assertThat(before).isLessThanOrEqualTo(1);
    channel.config().setAutoRead(true);
    links.advance(MOMENT);
    assertThat(got).hasSizeBetween(63, 65);
  }

  @Test
  void aDatagramThatFitsNoPacketFails() {
    UdpChannel caller = open(client, CLIENT, 0, new Got());
    ChannelFuture fits = send(caller, SERVER, new int[1392]);
    ChannelFuture tooLong = send(caller, SERVER, new int[1393]);
    links.advance(MOMENT);
    assertThat(fits.isSuccess()).isTrue();
    assertThat(tooLong.cause()).hasMessageContaining("1393 bytes");
  }

  @Test
  void aClosedChannelFreesItsPort() {
    open(server, SERVER, 53, new Back()).close();
    open(server, SERVER, 53, new Back());
  }
}
