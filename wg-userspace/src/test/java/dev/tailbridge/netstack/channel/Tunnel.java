package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardPeer;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;

/** Two WireGuard endpoints on loopback, and a stack at each end of the tunnel between them. */
final class Tunnel implements AutoCloseable {

  static final InetAddress SERVER = IpPrefix.parse("10.6.0.1").address();
  static final InetAddress CLIENT = IpPrefix.parse("10.6.0.2").address();

  final Stack client;
  final Stack server;
  private final WireGuardEndpoint clientEndpoint;
  private final WireGuardEndpoint serverEndpoint;

  Tunnel(EventLoop clientLoop, EventLoop serverLoop) throws Exception {
    PrivateKey clientKey = PrivateKey.generate(new SecureRandom());
    PrivateKey serverKey = PrivateKey.generate(new SecureRandom());
    clientEndpoint = bind(clientKey, clientLoop);
    serverEndpoint = bind(serverKey, serverLoop);
    server = stack(serverEndpoint, clientKey.publicKey(), CLIENT, SERVER, null);
    InetSocketAddress address = serverEndpoint.localAddresses().get(0);
    client = stack(clientEndpoint, serverKey.publicKey(), SERVER, CLIENT, address);
  }

  private static WireGuardEndpoint bind(PrivateKey key, EventLoop loop) throws Exception {
    WireGuardEndpoint endpoint =
        WireGuardEndpoint.builder(key, loop)
            .listen(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .build();
    endpoint.bind().sync();
    return endpoint;
  }

  private static Stack stack(
      WireGuardEndpoint endpoint,
      PublicKey peerKey,
      InetAddress peerAddress,
      InetAddress own,
      InetSocketAddress peerEndpoint)
      throws Exception {
    PeerConfig config =
        PeerConfig.of(
                peerAddress.getHostAddress(),
                peerKey,
                List.of(IpPrefix.parse(peerAddress.getHostAddress())))
            .withEndpoint(peerEndpoint);
    WireGuardPeer peer = endpoint.addPeer(config);
    return peer.eventLoop().submit(() -> new Stack(peer, List.of(own)).start()).get();
  }

  /** A server whose channels may be half-closed. */
  Channel serve(int port, ChannelHandler child) throws Exception {
    return new ServerBootstrap()
        .group(server.eventLoop())
        .channelFactory(() -> new TcpServerChannel(server))
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childHandler(child)
        .bind(port)
        .sync()
        .channel();
  }

  Bootstrap call(ChannelHandler handler) {
    return new Bootstrap()
        .group(client.eventLoop())
        .channelFactory(() -> new TcpChannel(client))
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .handler(handler);
  }

  @Override
  public void close() throws Exception {
    clientEndpoint.close().sync();
    serverEndpoint.close().sync();
  }
}
