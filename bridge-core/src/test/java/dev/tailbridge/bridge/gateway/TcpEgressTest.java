package dev.tailbridge.bridge.gateway;

import static dev.tailbridge.bridge.gateway.GatewayRig.LIMITS;
import static dev.tailbridge.bridge.gateway.GatewayRig.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Callers in the tunnel and a host on the ordinary network. */
@ExtendWith(NoBufferLeaks.class)
class TcpEgressTest {

  private static final int PORT = 9000;
  private static final byte[] QUESTION = "question".getBytes(US_ASCII);
  private GatewayRig rig;
  private ServerSocket host;
  private TcpEgress rule;
  private AddressLookup names = new AddressLookup(TcpEgressTest::none);

  private static List<InetAddress> none(String name) throws UnknownHostException {
    throw new UnknownHostException(name + " has no address");
  }

  @BeforeEach
  void start() throws Exception {
    rig = new GatewayRig();
    host = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    host.setSoTimeout(10_000);
  }

  @AfterEach
  void stop() throws Exception {
    if (rule != null) {
      rule.close();
    }
    names.close();
    host.close();
    rig.close();
  }

  private void begin(String target, GatewayLimits limits) throws Exception {
    rule = new TcpEgress("egress", PORT, target, host.getLocalPort(), limits, names, rig.loop());
    rig.attach(rule);
  }

  private Socket accept() throws IOException {
    Socket socket = host.accept();
    socket.setSoTimeout(10_000);
    return socket;
  }

  @Test
  void anAnswerComesWholeBehindTheCallersEndOfInput() throws Exception {
    begin("127.0.0.1", LIMITS);
    byte[] answer = new byte[3 << 20];
    new Random(1).nextBytes(answer);
    MachineEnd caller = rig.call(PORT, /* autoRead= */ true);
    caller.write(QUESTION);
    caller.channel().shutdownOutput();
    try (Socket called = accept()) {
      assertThat(called.getInputStream().readAllBytes()).isEqualTo(QUESTION);
      called.getOutputStream().write(answer);
      called.shutdownOutput();
      until(() -> caller.inputEnded());
      assertThat(caller.received()).isEqualTo(answer);
      assertThat(caller.failure()).isNull();
    }
    until(() -> rule.traffic().open() == 0);
    assertThat(rule.traffic())
        .isEqualTo(new Traffic.Snapshot(0, 1, 0, 0, 0, 0, 0, QUESTION.length, answer.length));
  }

  /** Its words and its end may be there before the handshake in the tunnel is done. */
  @Test
  void aHostThatSpeaksFirstAndEndsAtOnceIsHeard() throws Exception {
    begin("127.0.0.1", LIMITS);
    Thread server =
        new Thread(
            () -> {
              try (Socket called = accept()) {
                called.getOutputStream().write(QUESTION);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    server.start();
    MachineEnd caller = rig.call(PORT, /* autoRead= */ true);
    until(() -> caller.inputEnded());
    assertThat(caller.received()).isEqualTo(QUESTION);
    assertThat(caller.failure()).isNull();
    server.join();
  }

  @Test
  void aCallerThatTakesNothingStopsTheHostAndLosesNothing() throws Exception {
    begin("127.0.0.1", LIMITS);
    byte[] all = new byte[16 << 20];
    new Random(3).nextBytes(all);
    MachineEnd caller = rig.call(PORT, /* autoRead= */ false);
    try (Socket called = accept()) {
      Thread sender =
          new Thread(
              () -> {
                try {
                  called.getOutputStream().write(all);
                  called.shutdownOutput();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      sender.start();
      long[] seen = {0, System.nanoTime()};
      until(
          () -> {
            long now = rule.traffic().bytesFromTarget();
            if (now != seen[0]) {
              seen[0] = now;
              seen[1] = System.nanoTime();
            }
            return System.nanoTime() - seen[1] > Duration.ofMillis(300).toNanos();
          });
      assertThat(seen[0]).isBetween(1L, (long) (4 << 20));
      caller.channel().config().setAutoRead(true);
      until(() -> caller.inputEnded());
      assertThat(caller.received()).isEqualTo(all);
      sender.join();
    }
  }

  @Test
  void aHostThatRefusesIsSeenToRefuse() throws Exception {
    int closed = host.getLocalPort();
    host.close();
    rule = new TcpEgress("egress", PORT, "127.0.0.1", closed, LIMITS, names, rig.loop());
    rig.attach(rule);
    assertThatThrownBy(() -> rig.call(PORT, true)).isInstanceOf(ConnectException.class);
    assertThat(rule.traffic().failed()).isEqualTo(1);
    assertThat(rule.traffic().open()).isZero();
  }

  @Test
  void allAddressesOfANameAreTried() throws Exception {
    names.close();
    names =
        new AddressLookup(
            name ->
                List.of(
                    IpPrefix.parse("::1").address(),
                    IpPrefix.parse("127.0.0.9").address(),
                    IpPrefix.parse("127.0.0.1").address()));
    begin("host.example.net", LIMITS);
    MachineEnd caller = rig.call(PORT, /* autoRead= */ true);
    try (Socket called = accept()) {
      called.getOutputStream().write(QUESTION);
      until(() -> caller.received().length == QUESTION.length);
    }
  }

  @Test
  void aNameThatNobodyKnowsRefuses() throws Exception {
    begin("nowhere.example.net", LIMITS);
    assertThatThrownBy(() -> rig.call(PORT, true)).isInstanceOf(ConnectException.class);
    assertThat(rule.traffic().failed()).isEqualTo(1);
  }

  @Test
  void moreCallersThanTheRuleTakesAreRefused() throws Exception {
    begin("127.0.0.1", new GatewayLimits(1, Duration.ofSeconds(5), Duration.ofMinutes(1)));
    MachineEnd first = rig.call(PORT, /* autoRead= */ true);
    assertThatThrownBy(() -> rig.call(PORT, true)).isInstanceOf(ConnectException.class);
    assertThat(rule.traffic().refused()).isEqualTo(1);
    first.channel().abort();
    until(() -> rule.traffic().open() == 0);
    rig.call(PORT, true);
  }

  @Test
  void resetsGoThroughBothWays() throws Exception {
    begin("127.0.0.1", LIMITS);
    MachineEnd caller = rig.call(PORT, /* autoRead= */ true);
    Socket called = accept();
    called.setSoLinger(true, 0);
    called.close();
    until(() -> caller.isInactive());
    assertThat(caller.failure()).isNotNull();
    MachineEnd second = rig.call(PORT, /* autoRead= */ true);
    try (Socket again = accept()) {
      second.channel().abort();
      assertThatThrownBy(() -> again.getInputStream().read()).hasMessageContaining("reset");
    }
    until(() -> rule.traffic().open() == 0);
  }

  @Test
  void withTheEndOfTheRuleItsPortIsClosedAndItsConnectionsAreReset() throws Exception {
    begin("127.0.0.1", LIMITS);
    MachineEnd caller = rig.call(PORT, /* autoRead= */ true);
    rule.close();
    until(() -> caller.isInactive());
    assertThat(caller.failure()).isNotNull();
    assertThatThrownBy(() -> rig.call(PORT, true)).isInstanceOf(ConnectException.class);
  }
}
