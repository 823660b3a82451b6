package dev.tailbridge.bridge.service;

import static dev.tailbridge.bridge.service.DnsBytes.A;
import static dev.tailbridge.bridge.service.DnsBytes.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.FreePorts;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against name servers on real sockets. */
class HostNamesTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** For servers that answer, however late. */
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Spent to its end with a silent server, and as long as the next one may take to answer. */
  private static final Duration MEDIUM = Duration.ofSeconds(2);

  private static final Duration SHORT = Duration.ofMillis(300);

  private final EpollEventLoopGroup loops = new EpollEventLoopGroup(1);

  @AfterEach
  void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Answers one after the other, by UDP and TCP at the same port. */
  private static final class Server implements AutoCloseable {
    private final int port = FreePorts.tcpAndUdp();
    private final ServerSocket stream = new ServerSocket(port, 8, LOOPBACK);
    private final DatagramSocket datagrams = new DatagramSocket(port, LOOPBACK);

    Server(Function<String, byte[]> udp, byte[] tcp) throws IOException {
      start(
          () -> {
            DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
            datagrams.receive(packet);
            byte[] answer = udp.apply("udp");
            if (answer.length > 0) {
              byte[] withId = withId(answer, packet.getData());
              datagrams.send(new DatagramPacket(withId, withId.length, packet.getSocketAddress()));
            }
          });
      start(
          () -> {
            try (Socket socket = stream.accept()) {
              DataInputStream in = new DataInputStream(socket.getInputStream());
              byte[] question = in.readNBytes(in.readUnsignedShort());
              byte[] answer = withId(tcp, question);
              DataOutputStream out = new DataOutputStream(socket.getOutputStream());
              out.writeShort(answer.length);
              out.write(answer);
              out.flush();
              assertThat(in.read()).as("the other side closes").isEqualTo(-1);
            }
          });
    }

    private interface Turn {
      void run() throws IOException;
    }

    private static void start(Turn turn) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (true) {
                    turn.run();
                  }
                } catch (IOException closed) {
                  // The test is over.
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    private static byte[] withId(byte[] answer, byte[] question) {
      byte[] copy = answer.clone();
      ByteBuffer.wrap(copy).putShort(ByteBuffer.wrap(question).getShort());
      return copy;
    }

    InetSocketAddress address() {
      return (InetSocketAddress) datagrams.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
      datagrams.close();
      stream.close();
    }
  }

  private static Server server(byte[] udp) throws IOException {
    return new Server(transport -> udp, new byte[0]);
  }

  private NameAnswer ask(InetSocketAddress... servers) throws Exception {
    return ask(LONG, servers);
  }

  private NameAnswer ask(Duration patience, InetSocketAddress... servers) throws Exception {
    DnsQuestion question = new DefaultDnsQuestion("example.com.", DnsRecordType.A);
    HostNames names = new HostNames(loops.next(), List.of(servers), patience);
    CompletableFuture<NameAnswer> answer = new CompletableFuture<>();
    loops.next().execute(() -> names.ask(question, answer::complete));
    return answer.get(60, TimeUnit.SECONDS);
  }

  private static DnsBytes found(int last) {
    return response(0, "example.com", A).record(A, 192, 0, 2, last);
  }

  private static String text(NameAnswer answer) {
    DnsQuery query = new DnsQuery(0, 0, Unpooled.EMPTY_BUFFER, null, 0, /* fault= */ null);
    return DnsBytes.text(ByteBufUtil.getBytes(DnsReply.message(query, answer)));
  }

  @Test
  void anAnswerAndTheNewsThatThereIsNone() throws Exception {
    try (Server good = server(found(1).bytes());
        Server none = server(response(3, "example.com", A).bytes())) {
      assertThat(text(ask(good.address()))).isEqualTo("0 rcode 0 example.com. 1 c0000201");
      assertThat(ask(none.address(), good.address()).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    }
  }

  @Test
  void theNextServerIsAskedWhenOneIsSilentOrFails() throws Exception {
    try (Server silent = server(new byte[0]);
        Server failing = server(response(2, "example.com", A).bytes());
        Server good = server(found(2).bytes())) {
      assertThat(ask(MEDIUM, silent.address(), good.address()).records()).hasSize(1);
      assertThat(ask(failing.address(), good.address()).records()).hasSize(1);
      assertThat(ask(SHORT, silent.address())).isEqualTo(NameAnswer.FAILED);
    }
  }

  @Test
  void whatDoesNotFitIntoADatagramIsAskedForAgain() throws Exception {
    DnsBytes whole = found(1);
    for (int i = 2; i < 100; i++) {
      whole.record(A, 192, 0, 2, i);
    }
    byte[] cut = response(0x0200, "example.com", A).bytes();
    try (Server server = new Server(transport -> cut, whole.bytes())) {
      assertThat(ask(server.address()).records()).hasSize(99);
    }
  }
}
