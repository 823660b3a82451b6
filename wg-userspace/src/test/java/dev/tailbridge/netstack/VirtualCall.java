package dev.tailbridge.netstack;

import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A client that has called a server, over links in virtual time. */
final class VirtualCall implements AutoCloseable {
  private static final InetAddress SERVER = IpPrefix.parse("10.6.0.2").address();
  private static final InetAddress CLIENT = IpPrefix.parse("10.6.0.1").address();

  final VirtualLinks links;
  final StackConfig config;
  final Stack client;
  final Stack server;
  final Connection called;

  /** The server's end; null until its caller is there. */
  Connection accepted;

  /**
   * @param delay of a packet
   * @param moment in which it is all done
   */
  VirtualCall(Duration delay, Duration moment) {
    links = new VirtualLinks(delay);
    config = links.clocked(StackConfig.device(1420));
    client = new Stack(links.left, List.of(CLIENT), config).start();
    server = new Stack(links.right, List.of(SERVER), config).start();
    server.listen(80, caller -> accepted = caller.accept());
    called = call();
    links.advance(moment);
  }

  /** The client calls, once more. */
  Connection call() {
    return client.connect(new InetSocketAddress(SERVER, 80), null, () -> {});
  }

  @Override
  public void close() {
    links.close();
  }
}
