package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardPeer;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Channels of ours through a tunnel to wireguard-go with gVisor's TCP. */
class GvisorDeviceIT {

  private static final InetAddress BRIDGE = IpPrefix.parse("10.6.0.1").address();
  private static final InetAddress DEVICE = IpPrefix.parse("10.6.0.2").address();
  private static final int MEGABYTE = 1 << 20;

  @TempDir Path folder;
  private final LabDevice device = new LabDevice("greenhouse", "10.6.0.2");
  private EventLoopGroup loops;
  private WireGuardEndpoint endpoint;
  private Stack stack;

  @BeforeEach
  void start() throws Exception {
    loops = new EpollEventLoopGroup(1);
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    endpoint =
        WireGuardEndpoint.builder(key, loops)
            .listen(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .build();
    endpoint.bind().sync();
    WireGuardPeer peer =
        endpoint.addPeer(
            PeerConfig.of("greenhouse", device.publicKey(), List.of(IpPrefix.parse("10.6.0.2"))));
    stack = peer.eventLoop().submit(() -> new Stack(peer, List.of(BRIDGE)).start()).get();
    device.start(key.publicKey(), endpoint.localAddresses().get(0).getPort(), folder);
    assertThat(device.ask("connect").get("connected").getAsBoolean()).isTrue();
  }

  @AfterEach
  void stop() throws Exception {
    device.close();
    endpoint.close().sync();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private byte[] exchange(int port, byte[] sent) throws Exception {
    return new OurSide(stack).exchange(DEVICE, port, sent);
  }

  @Test
  void aPageIsFetched() throws Exception {
    byte[] request = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    String answer = new String(exchange(80, request), StandardCharsets.UTF_8);
    assertThat(answer).startsWith("HTTP/1.0 200 OK").contains("greenhouse");
  }

  @Test
  void aMegabyteIsEchoedBehindAHalfClose() throws Exception {
    byte[] sent = new byte[MEGABYTE];
    new Random(5).nextBytes(sent);
    assertThat(exchange(7, sent)).isEqualTo(sent);
  }

  @Test
  void aMegabyteComesDown() throws Exception {
    String request = "GET /bulk?bytes=" + MEGABYTE + " HTTP/1.0\r\n\r\n";
    byte[] answer = exchange(80, request.getBytes(StandardCharsets.US_ASCII));
    assertThat(answer.length).isGreaterThan(MEGABYTE);
  }

  @Test
  void aPortWhereNobodyListensRefuses() {
    assertThatThrownBy(() -> new OurSide(stack).call(DEVICE, 81, new OurSide.Received()))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void theDeviceCallsAServerOfOurs() throws Exception {
    new OurSide(stack).serve(8080, Page::new);
    var page = device.ask("get http://10.6.0.1:8080/");
    assertThat(page.get("body").getAsString()).isEqualTo("hello, chip");
    assertThat(device.ask("tcp 10.6.0.1:8080").get("result").getAsString()).isEqualTo("ok");
    assertThat(device.ask("tcp 10.6.0.1:9").get("result").getAsString()).isEqualTo("refused");
  }

  private static final class Page extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ((ByteBuf) message).release();
      String answer =
          "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\nhello, chip";
      ctx.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII))
          .addListener(done -> ctx.close());
    }
  }
}
