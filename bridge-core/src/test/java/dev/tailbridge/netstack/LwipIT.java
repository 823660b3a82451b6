package dev.tailbridge.netstack;

import static dev.tailbridge.netstack.OurSide.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.OurSide.Received;
import dev.tailbridge.netstack.channel.Echo;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.tcp.TcpStats;
import io.netty.buffer.Unpooled;
import java.net.SocketException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** lwIP with the settings of an ESP32: no option but MSS, a window of four segments. */
class LwipIT extends PeerScenarios {

  private static final int ESP_WINDOW = 5744;

  private static Path program;

  @BeforeAll
  static void build() throws Exception {
    program = PeerProcess.build("lwip");
  }

  @Override
  String ourAddress() {
    return "10.6.0.1";
  }

  @Override
  String peerAddress() {
    return "10.6.0.2";
  }

  @Override
  int mtu() {
    return 1420;
  }

  /** ERR_RST is ECONNRESET in lwIP, in the handshake too. */
  @Override
  String refusal() {
    return "reset";
  }

  @Override
  int lossyBytes() {
    return 50_000;
  }

  @Override
  PeerProcess startPeer() {
    return PeerProcess.start(program, link, folder, peerAddress() + "/24");
  }

  @Override
  StackConfig config() {
    return StackConfig.device(mtu());
  }

  @Test
  void nothingIsNegotiatedAndTheWindowIsSmall() throws Exception {
    TcpChannel channel = us.call(peerHost(), ECHO, new Received());
    TcpStats stats = stats(channel);
    assertThat(stats.sack()).isFalse();
    assertThat(stats.timestamps()).isFalse();
    assertThat(stats.windowShift()).isZero();
    assertThat(stats.mss()).isEqualTo(1380);
    assertThat(stats.sendWindow()).isEqualTo(ESP_WINDOW);
    channel.close().sync();
  }

  /** SYN on ESTABLISHED: challenge ACK, their reset with the exact number, and their SYN again. */
  @Test
  void afterARebootItCallsFromTheSamePort() throws Exception {
    us.serve(OURS, Echo::new);
    assertThat(peer.ask("hold 10.6.0.1 8080 50000")).isEqualTo("ok");
    peer.kill();
    peer = startPeer();
    assertThat(us.connections()).isOne();
    assertThat(peer.ask("hold 10.6.0.1 8080 50000")).isEqualTo("ok");
    assertThat(us.connections()).isOne();
  }

  @Test
  void afterARebootItResetsWhatItHasForgotten() throws Exception {
    Received received = new Received();
    TcpChannel channel = us.call(peerHost(), ECHO, received);
    channel.writeAndFlush(Unpooled.wrappedBuffer(pattern(5)));
    until(() -> received.received().length == 5);
    peer.kill();
    peer = startPeer();
    channel.writeAndFlush(Unpooled.wrappedBuffer(pattern(5)));
    until(() -> received.isInactive());
    assertThat(received.failure())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void itsFragmentsAreMadeWhole() throws Exception {
    new OurUdp(stack, address(ourAddress()), OURS);
    assertThat(peer.question(ourAddress(), OURS, 4000)).isEqualTo("ok " + OurUdp.LONGEST_ANSWER);
  }
}
