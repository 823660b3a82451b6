package dev.tailbridge.bridge.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A UDP socket of this host. */
final class HostPort implements AutoCloseable {

  private static final int WAIT_MILLIS = 10_000;

  private final DatagramSocket socket;

  HostPort() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    socket.setSoTimeout(WAIT_MILLIS);
  }

  int port() {
    return socket.getLocalPort();
  }

  void send(String text, InetSocketAddress to) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    socket.send(new DatagramPacket(bytes, bytes.length, to));
  }

  /** The next datagram, within a bound. */
  DatagramPacket next() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    socket.receive(packet);
    return packet;
  }

  static String text(DatagramPacket packet) {
    return new String(packet.getData(), 0, packet.getLength(), UTF_8);
  }

  static InetSocketAddress sender(DatagramPacket packet) {
    return (InetSocketAddress) packet.getSocketAddress();
  }

  @Override
  public void close() {
    socket.close();
  }
}
