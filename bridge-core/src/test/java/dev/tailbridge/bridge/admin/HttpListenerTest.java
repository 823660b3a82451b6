package dev.tailbridge.bridge.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class HttpListenerTest {

  /**
   * Somebody who only connects takes neither descriptors without end nor, for long, the others'
   * place.
   */
  @Test
  void connectionsAreBounded() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try (HttpListener listener =
        HttpListener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "listen")) {
      listener.serve(exchange -> new Answer(200, "text/plain", "here"));
      while (idle.size() < HttpListener.CONNECTIONS) {
        idle.add(connect(listener));
      }
      Awaitility.await().until(() -> firstLine(listener).isEmpty());
      idle.remove(0).close();
      Awaitility.await().until(() -> firstLine(listener).equals("HTTP/1.1 200 OK"));
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  private static Socket connect(HttpListener listener) throws IOException {
    Socket socket = new Socket(listener.address().getAddress(), listener.address().getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Of what is answered; empty when the connection is closed without an answer. */
  private static String firstLine(HttpListener listener) throws IOException {
    try (Socket socket = connect(listener)) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII);
    } catch (SocketException e) {
      return ""; // reset
    }
  }
}
