package dev.tailbridge.netstack;

import static dev.tailbridge.netstack.OurSide.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.netstack.OurSide.Received;
import dev.tailbridge.netstack.channel.Echo;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.tcp.TcpStats;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What has to work with every peer, in the part of the caller and of the one who is called. */
@ExtendWith(NoBufferLeaks.class)
abstract class PeerScenarios {

  static final int ECHO = 7;
  static final int SWALLOW_AFTER_DRAIN = 11;
  static final int RESET = 13;
  static final int GIVE = 19;
  static final int NOBODY = 81;
  static final int OURS = 8080;
  static final int MEGABYTE = 1 << 20;

  /** What a window is counted in when it is scaled for a megabyte: less cannot be offered. */
  static final int WINDOW_UNIT = 32;

  @TempDir Path folder;
  private EventLoopGroup loops;
  DatagramLink link;
  Stack stack;
  OurSide us;
  PeerProcess peer;

  abstract String ourAddress();

  abstract String peerAddress();

  abstract int mtu();

  /** Starts the other side; skips the test when that cannot be. */
  abstract PeerProcess startPeer() throws Exception;

  /** How our stack behaves. */
  abstract StackConfig config();

  /** What the other side's connect says of a reset. */
  String refusal() {
    return "refused";
  }

  /** How much goes over a link that loses packets: lwIP waits long for each of them. */
  int lossyBytes() {
    return 100_000;
  }

  @BeforeEach
  void start() throws Exception {
    loops = new EpollEventLoopGroup(1);
    link = new DatagramLink(loops.next(), mtu(), 1);
    stack =
        link.eventLoop()
            .submit(() -> new Stack(link, List.of(address(ourAddress())), config()).start())
            .get();
    us = new OurSide(stack);
    peer = startPeer();
  }

  @AfterEach
  void stop() throws Exception {
    if (peer != null) {
      peer.close();
    }
    link.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  static InetAddress address(String text) {
    return IpPrefix.parse(text).address();
  }

  final InetAddress peerHost() {
    return address(peerAddress());
  }

  /** What {@code peer.c} sends and expects at an offset. */
  static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; at++) {
      bytes[at] = (byte) (at * 31 + (at >> 8) * 17 + (at >> 16) * 7);
    }
    return bytes;
  }

  final TcpStats stats(TcpChannel channel) throws Exception {
    return channel.eventLoop().submit(() -> channel.connection().tcb().stats()).get();
  }

  @Test
  void weCallAnEcho() throws Exception {
    for (int length : new int[] {0, 5, 1380, 1381, 5744, 200_000}) {
      assertThat(us.exchange(peerHost(), ECHO, pattern(length))).isEqualTo(pattern(length));
    }
  }

  @Test
  void thePeerCallsAnEcho() throws Exception {
    us.serve(OURS, Echo::new);
    for (int length : new int[] {0, 5, 1380, 1381, 5744, 200_000}) {
      assertThat(peer.echo(ourAddress(), OURS, length)).isEqualTo("ok " + length);
    }
  }

  /** They have sent their FIN long before we have read and answered everything. */
  @Test
  void whatTheyGiveComesToItsEnd() throws Exception {
    byte[] request = (MEGABYTE + "\n").getBytes(US_ASCII);
    assertThat(us.exchange(peerHost(), GIVE, request)).isEqualTo(pattern(MEGABYTE));
  }

  @Test
  void aPortWhereNobodyListensRefusesUs() {
    assertThatThrownBy(() -> us.call(peerHost(), NOBODY, new Received()))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("refused");
  }

  @Test
  void aPortWhereNobodyListensRefusesThem() {
    assertThat(peer.ask("hold " + ourAddress() + " " + NOBODY + " 0")).isEqualTo(refusal());
  }

  @Test
  void theirResetIsOurException() throws Exception {
    Received received = new Received();
    TcpChannel channel = us.call(peerHost(), RESET, received);
    channel.writeAndFlush(Unpooled.wrappedBuffer(pattern(1)));
    until(() -> received.isInactive());
    assertThat(received.failure())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
    until(() -> us.connections() == 0);
  }

  @Test
  void ourResetIsTheirError() throws Exception {
    Received received = new Received();
    us.serve(OURS, () -> received);
    assertThat(peer.ask("hold " + ourAddress() + " " + OURS + " 0")).isEqualTo("ok");
    until(() -> received.activeChannel() != null);
    peer.tell("await");
    ((TcpChannel) received.activeChannel()).abort().sync();
    assertThat(peer.result()).isEqualTo("reset");
    assertThat(us.connections()).isZero();
  }

  @Test
  void theResetOfOneWhoCalledIsOurException() throws Exception {
    Received received = new Received();
    us.serve(OURS, () -> received);
    assertThat(peer.ask("hold " + ourAddress() + " " + OURS + " 0")).isEqualTo("ok");
    until(() -> received.activeChannel() != null);
    received.activeChannel().writeAndFlush(Unpooled.wrappedBuffer(pattern(1)));
    assertThat(peer.ask("reset")).isEqualTo("ok");
    until(() -> received.isInactive());
    assertThat(received.failure())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  /** The window stays shut until the first probe has been answered, then everything arrives. */
  @Test
  void aShutWindowOfTheirsOpensAgain() throws Exception {
    Received received = new Received();
    TcpChannel channel = us.call(peerHost(), SWALLOW_AFTER_DRAIN, received);
    ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(pattern(MEGABYTE)));
    channel.shutdownOutput();
    until(() -> stats(channel).sendWindow() == 0);
    assertThat(written.isDone()).isFalse();
    assertThat(peer.ask("drain")).isEqualTo("ok");
    until(() -> received.inputEnded());
    assertThat(written.isSuccess()).isTrue();
    channel.close().sync();
  }

  @Test
  void aShutWindowOfOursOpensAgain() throws Exception {
    Received received = new Received();
    TcpChannel channel = us.call(peerHost(), GIVE, /* autoRead= */ false, received);
    String request = MEGABYTE + "\n";
    channel.writeAndFlush(Unpooled.copiedBuffer(request, US_ASCII));
    until(() -> stats(channel).receiveWindow() < WINDOW_UNIT);
    ((Channel) channel).config().setAutoRead(true);
    until(() -> received.inputEnded());
    assertThat(received.received()).isEqualTo(pattern(MEGABYTE));
    channel.close().sync();
  }

  @Test
  void everyTwentiethPacketIsLost() throws Exception {
    us.serve(OURS, Echo::new);
    link.loss(0.05);
    assertThat(us.exchange(peerHost(), ECHO, pattern(lossyBytes())))
        .isEqualTo(pattern(lossyBytes()));
    assertThat(peer.echo(ourAddress(), OURS, lossyBytes())).isEqualTo("ok " + lossyBytes());
  }

  /** They shut their half first, so TIME-WAIT is theirs. */
  @Test
  void aHundredCallsLeaveNothing() throws Exception {
    us.serve(OURS, Echo::new);
    for (int i = 0; i < 100; i++) {
      assertThat(peer.echo(ourAddress(), OURS, 100)).isEqualTo("ok 100");
    }
    until(() -> us.connections() == 0);
  }

  @Test
  void datagramsComeBack() throws Exception {
    OurUdp udp = new OurUdp(stack, address(ourAddress()), OURS);
    for (int length : new int[] {0, 1, udp.mostTo(peerHost())}) {
      assertThat(udp.ask(peerHost(), ECHO, pattern(length))).isEqualTo(pattern(length));
      assertThat(peer.question(ourAddress(), OURS, length))
          .isEqualTo("ok " + Math.min(length, OurUdp.LONGEST_ANSWER));
    }
  }

  @Test
  void aUdpPortOfTheirsWhereNobodyListensIsUnreachable() throws Exception {
    OurUdp udp = new OurUdp(stack, address(ourAddress()), OURS);
    udp.send(peerHost(), NOBODY, pattern(10));
    until(() -> udp.refusals() == 1);
  }
}
