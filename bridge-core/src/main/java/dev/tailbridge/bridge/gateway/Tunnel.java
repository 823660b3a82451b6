package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * The inside of one tunnel as gateway rules use it. All methods but {@link #name}, {@link
 * #lastHandshakeEpochMillis} and {@link #eventLoop} are called on its event loop. Where we are one
 * machine in it, {@link #own}, all that rules need is that one's.
 */
public interface Tunnel {

  /** Of the device at its other end. */
  String name();

  /** When its last handshake was, milliseconds since 1970; 0 for never. Any thread. */
  long lastHandshakeEpochMillis();

  /** Where everything in it happens. */
  EventLoop eventLoop();

  /**
   * Whose connections are those that we open to machines in it.
   *
   * @throws IllegalStateException when its TCP does not end with us
   */
  default Stack calls() {
    return own();
  }

  /**
   * Our address in the tunnel, from which a machine is called.
   *
   * @throws IllegalStateException when we have none in the family of {@code called}
   */
  InetAddress ownAddress(InetAddress called);

  /** Whose connections are those of callers of {@link #listen}: we, as a machine in the tunnel. */
  Stack own();

  /**
   * Offers those who call a port of our address.
   *
   * @throws IllegalStateException when somebody listens there
   */
  default void listen(int port, Consumer<PendingConnection> listener) {
    own().listen(port, listener);
  }

  /** Ends the listening; who does so resets the connections. */
  default void unlisten(int port) {
    own().unlisten(port);
  }

  /**
   * Takes the datagrams that come to a port of our address.
   *
   * @throws IllegalStateException when somebody listens there
   */
  default UdpEndpoint bindUdp(int port, UdpListener listener) {
    return own().bindUdp(port, listener);
  }

  /**
   * Takes a free port of our address, from which that machine may be called.
   *
   * @throws IllegalStateException when there is none
   */
  default UdpEndpoint bindUdp(InetSocketAddress target, UdpListener listener) {
    return own().bindUdp(0, listener);
  }

  /** Gives a port back. */
  default void unbindUdp(UdpEndpoint endpoint) {
    endpoint.close();
  }
}
