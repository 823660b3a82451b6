package dev.tailbridge.examples;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Fetches a page from a machine behind a WireGuard peer, without a TUN device, root or routes:
 *
 * <pre>HttpGet OUR-PRIVATE-KEY PEER-PUBLIC-KEY PEER-HOST PEER-PORT OUR-TUNNEL-IP TARGET-IP</pre>
 *
 * <p>The UDP socket is bound to the property {@code listen}, by default to every address.
 */
public final class HttpGet {

  private HttpGet() {}

  public static void main(String[] args) throws Exception {
    EventLoopGroup loops = new EpollEventLoopGroup(1);
    WireGuardEndpoint endpoint =
        WireGuardEndpoint.builder(PrivateKey.fromBase64(args[0]), loops)
            .listen(List.of(new InetSocketAddress(System.getProperty("listen", "0.0.0.0"), 0)))
            .build();
    endpoint.bind().sync();
    IpPrefix target = IpPrefix.parse(args[5]);
    InetSocketAddress peer = new InetSocketAddress(args[2], Integer.parseInt(args[3]));
    PeerConfig config =
        PeerConfig.of("peer", PublicKey.fromBase64(args[1]), List.of(target)).withEndpoint(peer);
    List<java.net.InetAddress> ours = List.of(IpPrefix.parse(args[4]).address());
    Stack stack =
        endpoint
            .eventLoops()
            .get(0)
            .submit(() -> new Stack(endpoint.addPeer(config), ours).start())
            .get();
    new Bootstrap()
        .group(stack.eventLoop())
        .channelFactory(() -> new TcpChannel(stack))
        .handler(new Printer())
        .connect(target.address(), 80)
        .sync()
        .channel()
        .closeFuture()
        .sync();
    endpoint.close().sync();
    loops.shutdownGracefully();
  }

  /** Asks once and prints until the server closes. */
  private static final class Printer extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      String request = "GET / HTTP/1.0\r\n\r\n";
      ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), request));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf part) {
      System.out.print(part.toString(StandardCharsets.UTF_8));
    }
  }
}
