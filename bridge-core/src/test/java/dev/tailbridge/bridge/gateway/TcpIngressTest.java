package dev.tailbridge.bridge.gateway;

import static dev.tailbridge.bridge.gateway.GatewayRig.LIMITS;
import static dev.tailbridge.bridge.gateway.GatewayRig.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.testing.NoBufferLeaks;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Callers of this host and a machine in the tunnel. */
@ExtendWith(NoBufferLeaks.class)
class TcpIngressTest {

  private static final byte[] QUESTION = "question".getBytes(US_ASCII);
  private GatewayRig rig;
  private TcpIngress rule;

  @BeforeEach
  void start() throws Exception {
    rig = new GatewayRig();
  }

  @AfterEach
  void stop() throws Exception {
    if (rule != null) {
      rule.close();
    }
    rig.close();
  }

  private void begin(GatewayLimits limits) throws Exception {
    rule = rule(limits, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    rig.attach(rule);
  }

  private TcpIngress rule(GatewayLimits limits, InetSocketAddress listen) {
    InetSocketAddress target = new InetSocketAddress(GatewayRig.MACHINE, 80);
    return new TcpIngress("ingress", listen, target, limits, rig.loop());
  }

  private Socket call() throws IOException {
    Socket socket = new Socket(rule.address().getAddress(), rule.address().getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  @Test
  void anAnswerComesWholeBehindTheCallersEndOfInput() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ true);
    begin(LIMITS);
    byte[] answer = new byte[3 << 20];
    new Random(1).nextBytes(answer);
    try (Socket caller = call()) {
      caller.getOutputStream().write(QUESTION);
      caller.shutdownOutput();
      MachineEnd machine = GatewayRig.next(callers);
      until(() -> machine.inputEnded());
      assertThat(machine.received()).isEqualTo(QUESTION);
      machine.write(answer);
      machine.channel().shutdownOutput();
      assertThat(caller.getInputStream().readAllBytes()).isEqualTo(answer);
      until(() -> machine.isInactive() || machine.channel().isShutdown());
      assertThat(machine.failure()).isNull();
    }
    until(() -> rule.traffic().open() == 0);
    assertThat(rule.traffic())
        .isEqualTo(new Traffic.Snapshot(0, 1, 0, 0, 0, 0, 0, QUESTION.length, answer.length));
  }

  @Test
  void theMachineMayEndFirstAndHearTheRest() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ true);
    begin(LIMITS);
    byte[] rest = new byte[1 << 20];
    new Random(2).nextBytes(rest);
    try (Socket caller = call()) {
      MachineEnd machine = GatewayRig.next(callers);
      machine.channel().shutdownOutput();
      assertThat(caller.getInputStream().read()).isEqualTo(-1);
      caller.getOutputStream().write(rest);
      caller.shutdownOutput();
      until(() -> machine.inputEnded());
      assertThat(machine.received()).isEqualTo(rest);
    }
    until(() -> rule.traffic().open() == 0);
  }

  @Test
  void aMachineThatTakesNothingStopsTheCallerAndLosesNothing() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ false);
    begin(LIMITS);
    byte[] all = new byte[16 << 20];
    new Random(3).nextBytes(all);
    try (SocketChannel caller = SocketChannel.open(rule.address())) {
      caller.configureBlocking(false);
      ByteBuffer left = ByteBuffer.wrap(all);
      MachineEnd machine = GatewayRig.next(callers);
      long[] quietSince = {System.nanoTime()};
      until(
          () -> {
            if (caller.write(left) > 0) {
              quietSince[0] = System.nanoTime();
            }
            return System.nanoTime() - quietSince[0] > Duration.ofMillis(300).toNanos();
          });
      assertThat(left.remaining()).as("not taken while nobody reads").isPositive();
      assertThat(rule.traffic().bytesToTarget()).isLessThan(4 << 20);
      machine.channel().config().setAutoRead(true);
      caller.configureBlocking(true);
      while (left.hasRemaining()) {
        caller.write(left);
      }
      caller.shutdownOutput();
      until(() -> machine.inputEnded());
      assertThat(machine.received()).isEqualTo(all);
    }
  }

  @Test
  void aRefusedCallIsReset() throws Exception {
    begin(LIMITS);
    try (Socket caller = call()) {
      assertReset(caller);
    }
    until(() -> rule.traffic().open() == 0);
    assertThat(rule.traffic().failed()).isEqualTo(1);
  }

  private static void assertReset(Socket socket) {
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void moreCallersThanTheRuleTakesAreReset() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ true);
    begin(new GatewayLimits(1, Duration.ofSeconds(5), Duration.ofMinutes(1)));
    try (Socket first = call()) {
      MachineEnd machine = GatewayRig.next(callers);
      try (Socket second = call()) {
        assertReset(second);
      }
      assertThat(rule.traffic().refused()).isEqualTo(1);
      machine.channel().abort();
      until(() -> rule.traffic().open() == 0);
    }
    try (Socket third = call()) {
      MachineEnd machine = GatewayRig.next(callers);
      third.getOutputStream().write(QUESTION);
      until(() -> machine.received().length == QUESTION.length);
    }
  }

  @Test
  void silenceForTooLongResetsBoth() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ true);
    begin(new GatewayLimits(8, Duration.ofSeconds(5), Duration.ofMillis(100)));
    try (Socket caller = call()) {
      MachineEnd machine = GatewayRig.next(callers);
      assertReset(caller);
      until(() -> machine.isInactive());
      assertThat(machine.failure()).isNotNull();
    }
    assertThat(rule.traffic().idled()).isEqualTo(1);
  }

  @Test
  void resetsGoThroughBothWays() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ true);
    begin(LIMITS);
    try (Socket caller = call()) {
      GatewayRig.next(callers).channel().abort();
      assertReset(caller);
    }
    Socket caller = call();
    MachineEnd machine = GatewayRig.next(callers);
    caller.setSoLinger(true, 0);
    caller.close();
    until(() -> machine.isInactive());
    assertThat(machine.failure()).isNotNull();
    until(() -> rule.traffic().open() == 0);
  }

  @Test
  void theEndOfTheRuleResetsItsConnectionsAndFreesThePort() throws Exception {
    BlockingQueue<MachineEnd> callers = rig.serve(80, /* autoRead= */ true);
    begin(LIMITS);
    InetSocketAddress address = rule.address();
    try (Socket caller = call()) {
      GatewayRig.next(callers);
      rule.close();
      assertReset(caller);
      assertThatThrownBy(this::call).isInstanceOf(ConnectException.class);
    }
    rule = rule(LIMITS, address);
    rig.attach(rule);
    call().close();
    GatewayRig.next(callers);
  }

  @Test
  void withoutItsTunnelCallersAreReset() throws Exception {
    rule = rule(LIMITS, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    rule.begin();
    try (Socket caller = call()) {
      assertReset(caller);
    }
  }

  @Test
  void aPortThatIsTakenIsSaid() throws Exception {
    begin(LIMITS);
    TcpIngress second = rule(LIMITS, rule.address());
    assertThatThrownBy(second::begin)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Address already in use");
  }
}
