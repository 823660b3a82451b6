package dev.tailbridge.bridge.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/**
 * The JDK's server reads its bounds when its classes load. In this process another test may have
 * had one first, so the listener has a process of its own, as in a bridge.
 */
final class HttpListenerTest {

  /**
   * Somebody who only connects takes neither descriptors without end nor, for long, the others'
   * place.
   */
  @Test
  void connectionsAreBounded() throws IOException {
    List<Socket> idle = new ArrayList<>();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Serving.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      int port = Integer.parseInt(process.inputReader().readLine());
      while (idle.size() < HttpListener.CONNECTIONS) {
        idle.add(connect(port));
      }
      await().until(() -> firstLine(port).isEmpty());
      idle.remove(0).close();
      await().until(() -> firstLine(port).equals("HTTP/1.1 200 OK"));
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
      process.destroyForcibly();
    }
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofSeconds(30));
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }

  /** Of what is answered; empty when the connection is closed without an answer. */
  private static String firstLine(int port) throws IOException {
    try (Socket socket = connect(port)) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII);
    } catch (SocketException e) {
      return ""; // reset
    }
  }

  /** A listener alone in its process, which says its port. */
  static final class Serving {
    public static void main(String[] arguments) throws IOException {
      try (HttpListener listener =
          HttpListener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "listen")) {
        listener.serve(exchange -> new Answer(200, "text/plain", "here"));
        System.out.println(listener.address().getPort());
        // Until whoever started it closes this, or has ended.
        int unused = System.in.read();
      }
    }
  }
}
