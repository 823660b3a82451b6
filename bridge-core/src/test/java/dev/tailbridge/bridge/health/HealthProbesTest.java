package dev.tailbridge.bridge.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.health.HealthAnswer.Outcome;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes over real sockets on loopback, to a server that answers as a test says. */
final class HealthProbesTest {
  private static final long NOW = Instant.parse("2026-11-24T16:00:00Z").toEpochMilli();
  private static final Duration EGRESS = Duration.ofMinutes(3);

  private final EpollEventLoopGroup loops = new EpollEventLoopGroup(1);
  private final HealthTargets targets = new HealthTargets();
  private final HealthProbes probes = new HealthProbes(targets, () -> Instant.ofEpochMilli(NOW));
  private final AtomicInteger calls = new AtomicInteger();
  private final List<String> requests = new ArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private ServerSocket server;
  private volatile String response = "HTTP/1.1 204 No Content\r\n\r\n";
  private volatile boolean hold;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "health-test-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    while (true) {
      try (Socket socket = server.accept()) {
        calls.incrementAndGet();
        byte[] request = new byte[4096];
        int length = socket.getInputStream().read(request);
        if (length > 0) {
          synchronized (requests) {
            requests.add(new String(request, 0, length, StandardCharsets.US_ASCII));
          }
          if (hold) {
            release.await();
          }
          socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException | InterruptedException e) {
        if (server.isClosed()) {
          return;
        }
      }
    }
  }

  @AfterEach
  void stop() throws IOException {
    release.countDown();
    server.close();
    loops.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS);
  }

  @Test
  void anAcceptedConnectionIsHealthForTcp() throws Exception {
    target("shed", null, 0, null);
    assertThat(ask(Map.of("mode", "tcp", "device", "shed")))
        .isEqualTo(new HealthAnswer(Outcome.HEALTHY, "it accepts connections"));
    server.close();
    HealthAnswer refused = new HealthAnswer(Outcome.UNHEALTHY, "it refuses connections");
    // The thread in accept() lets the socket go a little later.
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ask(Map.of("mode", "tcp", "device", "shed")), refused::equals);
  }

  @Test
  void aStatusOf2xxIsHealthForHttpAndNothingElse() throws Exception {
    target("shed", null, 0, null);
    assertThat(http(response)).isEqualTo("HEALTHY it answers with HTTP status 204");
    assertThat(requests.get(0).lines())
        .containsExactly(
            "GET / HTTP/1.1",
            "Host: shed",
            "User-Agent: tailbridge-health",
            "Accept: */*",
            "Connection: close",
            "");
    assertThat(http("HTTP/1.0 200 OK\n\n")).isEqualTo("HEALTHY it answers with HTTP status 200");
    assertThat(http("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n"))
        .isEqualTo("UNHEALTHY it answers with HTTP status 302");
    assertThat(http("HTTP/1.1 500\r\n\r\n")).isEqualTo("UNHEALTHY it answers with HTTP status 500");
    assertThat(http("SSH-2.0-OpenSSH\r\n")).isEqualTo("UNHEALTHY its answer is not HTTP");
    assertThat(http("x".repeat(5000))).isEqualTo("UNHEALTHY its answer is not HTTP");
    assertThat(http("HTTP/1.1 20")).startsWith("UNHEALTHY it");
  }

  @Test
  void silenceIsNoHealthAndTakesNoLongerThanItMay() throws Exception {
    target("shed", List.of("/", "/patient"), 0, null);
    hold = true;
    CompletableFuture<HealthAnswer> patient =
        probes.ask(HealthQuestion.of(Map.of("mode", "http", "path", "/patient", "timeout", "30s")));
    long began = System.nanoTime();
    assertThat(ask(Map.of("mode", "http", "path", "/", "timeout", "200ms")))
        .isEqualTo(new HealthAnswer(Outcome.UNHEALTHY, "it did not answer in time"));
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isGreaterThanOrEqualTo(Duration.ofMillis(190));
    assertThat(patient).as("each takes its own time").isNotDone();
  }

  @Test
  void aDialerThatNeverComesBackIsGivenUp() throws Exception {
    targets.add(new HealthTarget("void", (h, t) -> new CompletableFuture<>(), null, () -> 0, null));
    assertThat(ask(Map.of("mode", "tcp", "timeout", "1ms")).outcome()).isEqualTo(Outcome.UNHEALTHY);
  }

  @Test
  void whoAsksTheSameSharesOneProbeAndOthersAreBounded() throws Exception {
    target("shed", List.of("/", "/a", "/b"), 0, null);
    hold = true;
    List<CompletableFuture<HealthAnswer>> same = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      same.add(probes.ask(HealthQuestion.of(Map.of("mode", "http", "path", "/"))));
    }
    CompletableFuture<HealthAnswer> other =
        probes.ask(HealthQuestion.of(Map.of("mode", "http", "path", "/a")));
    assertThat(ask(Map.of("mode", "http", "path", "/b")).outcome()).isEqualTo(Outcome.BUSY);
    release.countDown();
    for (CompletableFuture<HealthAnswer> one : same) {
      assertThat(one.get(30, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.HEALTHY);
    }
    assertThat(other.get(30, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.HEALTHY);
    assertThat(calls).hasValue(2);
    assertThat(ask(Map.of("mode", "http", "path", "/b")).outcome()).isEqualTo(Outcome.HEALTHY);
  }

  @Test
  void theTunnelIsWellWhileItsHandshakeIsYoung() throws Exception {
    target("shed", null, NOW - 100_000, null);
    assertThat(ask(Map.of("mode", "tunnel")))
        .isEqualTo(new HealthAnswer(Outcome.HEALTHY, "the last handshake was 100 s ago"));
    assertThat(ask(Map.of("mode", "tunnel", "max_age", "1m39s")))
        .isEqualTo(
            new HealthAnswer(
                Outcome.UNHEALTHY, "the last handshake was 100 s ago, longer than 99 s"));
    target("shed", null, NOW - 180_001, null);
    assertThat(ask(Map.of("mode", "tunnel")).outcome()).isEqualTo(Outcome.UNHEALTHY);
    target("shed", null, 0, null);
    assertThat(ask(Map.of("mode", "tunnel")).text()).isEqualTo("there was no handshake yet");
    assertThat(calls).hasValue(0);
  }

  @Test
  void whatIsNotReachedByTheTunnelWantsAYoungHandshakeBesides() throws Exception {
    target("egress", null, NOW - 181_000, EGRESS);
    assertThat(ask(Map.of("mode", "tcp")).text()).contains("181 s ago");
    assertThat(calls).hasValue(0);
    target("egress", null, NOW - 179_000, EGRESS);
    assertThat(ask(Map.of("mode", "tcp")).outcome()).isEqualTo(Outcome.HEALTHY);
  }

  @Test
  void onlyWhatIsConfiguredCanBeAskedFor() throws Exception {
    assertThat(ask(Map.of("mode", "tcp")).outcome()).isEqualTo(Outcome.NOT_A_TARGET);
    targets.add(new HealthTarget("plain", null, null, () -> NOW, null));
    assertThat(ask(Map.of("mode", "tunnel")).outcome()).isEqualTo(Outcome.HEALTHY);
    assertThat(ask(Map.of("mode", "http")).outcome()).isEqualTo(Outcome.NOT_A_TARGET);
    target("shed", List.of("/status"), 0, null);
    assertThat(ask(Map.of("mode", "http", "device", "shed", "path", "/cm?cmnd=Power")).outcome())
        .isEqualTo(Outcome.NOT_A_TARGET);
    assertThat(ask(Map.of("mode", "tcp", "device", "127.0.0.1")).outcome())
        .isEqualTo(Outcome.NOT_A_TARGET);
    assertThat(calls).hasValue(0);
    assertThat(ask(Map.of("mode", "http", "target", "shed")).outcome()).isEqualTo(Outcome.HEALTHY);
    assertThat(requests.get(0)).startsWith("GET /status HTTP/1.1");
    targets.remove("shed");
    assertThat(ask(Map.of("mode", "tcp", "device", "shed")).outcome())
        .isEqualTo(Outcome.NOT_A_TARGET);
  }

  private String http(String answer) throws Exception {
    response = answer;
    HealthAnswer given = ask(Map.of("mode", "http"));
    return given.outcome() + " " + given.text();
  }

  private HealthAnswer ask(Map<String, String> query) throws Exception {
    return probes.ask(HealthQuestion.of(query)).get(20, TimeUnit.SECONDS);
  }

  private void target(
      String name, @Nullable List<String> paths, long handshake, @Nullable Duration within) {
    targets.add(new HealthTarget(name, this::dial, paths, () -> handshake, within));
  }

  private CompletableFuture<Void> dial(ChannelHandler handler, Duration timeout) {
    CompletableFuture<Void> connected = new CompletableFuture<>();
    new Bootstrap()
        .group(loops)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
        .handler(handler)
        .connect(server.getInetAddress(), server.getLocalPort())
        .addListener(
            done -> {
              if (done.isSuccess()) {
                connected.complete(null);
              } else {
                connected.completeExceptionally(done.cause());
              }
            });
    return connected;
  }
}
