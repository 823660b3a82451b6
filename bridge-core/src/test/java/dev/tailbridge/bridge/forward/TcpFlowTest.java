package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.CLIENT;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.FIN;
import static dev.tailbridge.ip.TestPacket.RST;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Life of a routed connection: how long it may be idle, and how its tuple is used again. */
class TcpFlowTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  /** One packet of the connection 41000 to 80, in the caller's or the device's terms. */
  private void caller(int flags) {
    bench.fromNode(tcp(CALLER, 41000, NODE, 80, flags));
  }

  private void device(int facePort, int flags) {
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, facePort, flags));
  }

  private void establish() {
    caller(SYN);
    device(41000, SYN | ACK);
    caller(ACK);
  }

  private void finish() {
    caller(FIN | ACK);
    device(41000, FIN | ACK);
    caller(ACK);
  }

  private void settled() {
    assertThat(bench.drops()).isEmpty();
    bench.toDevice();
    bench.toNode();
  }

  private void livesFor(Duration time) {
    settled();
    bench.pass(time.minus(SECOND));
    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(1);
    bench.pass(SECOND);
    assertThat(bench.forwarder.stats().tcpFlows()).isZero();
  }

  @Test
  void anOpeningThatNobodyAnswersLives4Minutes() {
    caller(SYN);
    livesFor(Duration.ofMinutes(4));
  }

  @Test
  void anOpeningThatTheCallerNeverCompletesLives4Minutes() {
    caller(SYN);
    device(41000, SYN | ACK);
    livesFor(Duration.ofMinutes(4));
  }

  @Test
  void aCallerAloneEstablishesNothing() {
    caller(SYN);
    caller(ACK);
    livesFor(Duration.ofMinutes(4));
  }

  @Test
  void anEstablishedConnectionLives2HoursAnd4Minutes() {
    establish();
    livesFor(Duration.ofMinutes(124));
  }

  @Test
  void everyPacketStartsTheTimeAnew() {
    establish();
    for (int i = 0; i < 10; i++) {
      bench.pass(Duration.ofHours(2));
      device(41000, ACK);
    }
    livesFor(Duration.ofMinutes(124));
  }

  @Test
  void aHalfClosedConnectionLives4Minutes() {
    establish();
    caller(FIN | ACK);
    livesFor(Duration.ofMinutes(4));
  }

  @Test
  void anEndedConnectionLives2Minutes() {
    establish();
    finish();
    livesFor(Duration.ofMinutes(2));
  }

  @Test
  void aResetConnectionLives2Minutes() {
    establish();
    device(41000, RST);
    livesFor(Duration.ofMinutes(2));
  }

  @Test
  void afterItsTimeAConnectionIsNone() {
    establish();
    settled();
    bench.pass(Duration.ofMinutes(124));

    bench.fromNode(tcp(CALLER, 41000, NODE, 80, ACK)).onlyDropped(ForwardDrop.NOT_A_FLOW);
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 41000, ACK));
    assertThat(bench.toDevice()).hasToString("[TCP 10.6.0.1:41000 > 10.6.0.2:80 [R]]");
  }

  @Test
  void aNewConnectionAfterAnEndedOneGetsANewFace() {
    establish();
    finish();
    settled();

    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, SYN)).onlyToDevice())
        .hasToString("TCP 10.6.0.1:1024 > 10.6.0.2:80 [S]");
    assertThat(bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 1024, SYN | ACK)).onlyToNode())
        .hasToString("TCP 100.64.0.3:80 > 100.64.0.7:41000 [SA]");
    // A late packet of the ended connection does not get into the new one.
    device(41000, FIN | ACK);
    assertThat(bench.drops()).containsExactly(ForwardDrop.NOT_A_FLOW);
    assertThat(bench.toNode()).isEmpty();
    assertThat(bench.toDevice()).hasToString("[TCP 10.6.0.1:41000 > 10.6.0.2:80 [R]]");
  }

  @Test
  void theEndOfAnOldConnectionLeavesTheNewOneOnItsTupleAlone() {
    establish();
    finish();
    caller(SYN);
    device(1024, SYN | ACK);
    caller(ACK);
    settled();

    bench.pass(Duration.ofMinutes(2));

    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(1);
    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, ACK)).onlyToDevice())
        .hasToString("TCP 10.6.0.1:1024 > 10.6.0.2:80 [A]");
  }

  @Test
  void aRefusedCallerMayTryAgainAtOnce() {
    for (int i = 0; i < 5; i++) {
      caller(SYN);
      int face = bench.onlyToDevice().sourcePort();
      bench.fromDevice(tcp(DEVICE, 80, BRIDGE, face, RST | ACK));
      assertThat(bench.onlyToNode()).hasToString("TCP 100.64.0.3:80 > 100.64.0.7:41000 [RA]");
    }
  }

  @Test
  void aSynOnALivingConnectionPassesOnTheSameFace() {
    establish();
    settled();

    // The caller restarted and uses its port again: challenge ACK, reset, and in it comes.
    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, SYN)).onlyToDevice())
        .hasToString("TCP 10.6.0.1:41000 > 10.6.0.2:80 [S]");
    assertThat(bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 41000, ACK)).onlyToNode())
        .hasToString("TCP 100.64.0.3:80 > 100.64.0.7:41000 [A]");
    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, RST)).onlyToDevice())
        .hasToString("TCP 10.6.0.1:41000 > 10.6.0.2:80 [R]");
    assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, SYN)).onlyToDevice())
        .hasToString("TCP 10.6.0.1:1024 > 10.6.0.2:80 [S]");
  }

  @Test
  void aRestartedDeviceThatAcceptsAnOldTupleIsFollowed() {
    establish();
    caller(FIN | ACK);
    caller(SYN);
    device(41000, SYN | ACK);
    caller(ACK);
    livesFor(Duration.ofMinutes(124));
  }

  @Test
  void aResetThatItsReceiverIgnoredEndsNothing() {
    establish();
    device(41000, RST);
    settled();

    bench.fromNode(tcp(CALLER, 41000, NODE, 80, ACK)).onlyToDevice();
    bench.fromDevice(tcp(DEVICE, 80, BRIDGE, 41000, ACK)).onlyToNode();
  }

  @Test
  void theDeviceMayCallAgainFromTheSamePort() {
    for (int end : new int[] {RST, FIN | ACK}) {
      for (int i = 0; i < 3; i++) {
        assertThat(bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, SYN)).onlyToNode())
            .hasToString("TCP 100.64.0.3:50000 > 100.64.0.8:80 [S]");
        bench.fromNode(tcp(OTHER, 80, NODE, 50000, SYN | ACK));
        bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, end));
        bench.fromNode(tcp(OTHER, 80, NODE, 50000, end));
        settled();
      }
    }
    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(1);
  }

  @Test
  void aRestartedDeviceMayCallAgainOnALivingConnection() {
    bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, SYN));
    bench.fromNode(tcp(OTHER, 80, NODE, 50000, SYN | ACK));
    bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, ACK));
    settled();

    bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, SYN)).onlyToNode();
    bench.fromNode(tcp(OTHER, 80, NODE, 50000, ACK)).onlyToDevice();
    bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, RST)).onlyToNode();
    bench.fromDevice(tcp(DEVICE, 50000, OTHER, 80, SYN)).onlyToNode();
    bench.fromNode(tcp(OTHER, 80, NODE, 50000, SYN | ACK)).onlyToDevice();
  }

  @Test
  void callersShownToTheDeviceReuseTheirTuple() {
    bench.close();
    bench = new ForwardBench(CLIENT);
    for (int i = 0; i < 3; i++) {
      assertThat(bench.fromNode(tcp(CALLER, 41000, NODE, 80, SYN)).onlyToDevice())
          .hasToString("TCP 100.64.0.7:41000 > 10.6.0.2:80 [S]");
      bench.fromDevice(tcp(DEVICE, 80, CALLER, 41000, RST | ACK)).onlyToNode();
    }
    assertThat(bench.forwarder.stats().tcpFlows()).isEqualTo(1);
  }
}
