package dev.tailbridge.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A name server of an ordinary network, by UDP on loopback, that knows one name: it has an IPv4
 * address and no other. All others do not exist.
 */
public final class LoopbackResolver implements AutoCloseable {

  private static final int HEADER = 12;
  private static final int TYPE_A = 1;
  private static final int NAME_ERROR = 3;

  private final String name;
  private final byte[] address;
  private final DatagramSocket socket;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /**
   * @param name without the final dot
   */
  public LoopbackResolver(String name, InetAddress address) {
    this.name = name;
    this.address = address.getAddress();
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::serve, "loopback-resolver");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** The names that it was asked for, in lower case. */
  public Set<String> asked() {
    return Set.copyOf(asked);
  }

  private void serve() {
    DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
    try {
      while (true) {
        packet.setLength(1500);
        socket.receive(packet);
        byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  /** RFC 1035 4: the header, the question as it came, and at most one record. */
  private byte[] answer(byte[] question) {
    StringBuilder written = new StringBuilder();
    int at = HEADER;
    for (int length = question[at]; length > 0; length = question[at]) {
      written.append(written.length() == 0 ? "" : ".");
      written.append(new String(question, at + 1, length, StandardCharsets.US_ASCII));
      at += 1 + length;
    }
    String wanted = written.toString().toLowerCase(Locale.ROOT);
    asked.add(wanted);
    int end = at + 5;
    boolean known = wanted.equals(name);
    boolean found = known && ByteBuffer.wrap(question).getShort(at + 1) == TYPE_A;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(question, 0, 2);
    out.writeBytes(new byte[] {(byte) 0x81, (byte) (0x80 | (known ? 0 : NAME_ERROR))});
    out.writeBytes(new byte[] {0, 1, 0, (byte) (found ? 1 : 0), 0, 0, 0, 0});
    out.write(question, HEADER, end - HEADER);
    if (found) {
      out.writeBytes(new byte[] {(byte) 0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4});
      out.writeBytes(address);
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    socket.close();
  }
}
