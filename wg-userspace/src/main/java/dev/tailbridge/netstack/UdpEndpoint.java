package dev.tailbridge.netstack;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A UDP port of a {@link Stack}; used on the stack's event loop only. It keeps no state for those
 * who talk to it.
 */
public final class UdpEndpoint {

  private final UdpEndpoints endpoints;
  private final int port;
  final UdpListener listener;

  UdpEndpoint(UdpEndpoints endpoints, int port, UdpListener listener) {
    this.endpoints = endpoints;
    this.port = port;
    this.listener = listener;
  }

  public int port() {
    return port;
  }

  /** The most bytes of data that a datagram to this address carries: nothing is fragmented. */
  public int maxData(InetAddress to) {
    return endpoints.maxData(to);
  }

  /**
   * Sends a datagram: with the batch that is being worked on, or soon.
   *
   * @param data becomes the stack's
   * @param from one of our addresses; any when the stack stands for any
   * @throws IllegalArgumentException when it is longer than {@link #maxData}, or the families
   *     differ; the data is released all the same
   */
  public void send(ByteBuf data, InetAddress from, InetSocketAddress to) {
    endpoints.send(data, from, port, to);
  }

  /**
   * Tells a sender that where its datagrams go nobody listens, as a closed port does. One answer to
   * one datagram at most is the caller's to see to.
   *
   * @param from one of our addresses, to which the datagrams went
   * @throws IllegalArgumentException when the families differ
   */
  public void refuse(InetAddress from, InetSocketAddress sender) {
    endpoints.refuse(from, port, sender);
  }

  /** Ends the endpoint: the port answers "unreachable" again. */
  public void close() {
    endpoints.remove(this);
  }
}
