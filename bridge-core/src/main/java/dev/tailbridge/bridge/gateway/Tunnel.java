package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.function.Consumer;

/**
 * The inside of one tunnel as gateway rules use it. All methods but {@link #name}, {@link
 * #lastHandshakeEpochMillis} and {@link #eventLoop} are called on its event loop.
 */
public interface Tunnel {

  /** Of the device at its other end. */
  String name();

  /** When its last handshake was, milliseconds since 1970; 0 for never. Any thread. */
  long lastHandshakeEpochMillis();

  /** Where everything in it happens. */
  EventLoop eventLoop();

  /** Whose connections are those in the tunnel. */
  Stack stack();

  /**
   * Our address in the tunnel, from which a machine is called.
   *
   * @throws IllegalStateException when we have none in the family of {@code called}
   */
  InetAddress ownAddress(InetAddress called);

  /**
   * Offers those who call a port of our address.
   *
   * @throws IllegalStateException when somebody listens there
   */
  void listen(int port, Consumer<PendingConnection> listener);

  /** Ends the listening; connections stay. */
  void unlisten(int port);
}
