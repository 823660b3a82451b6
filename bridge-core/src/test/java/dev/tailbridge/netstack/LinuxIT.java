package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.tailbridge.netstack.OurSide.Received;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.tcp.TcpConfig;
import dev.tailbridge.netstack.tcp.TcpStats;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Linux kernel's TCP behind a TUN device in a network namespace: every combination of what we
 * negotiate, over both families and with the MTU of both kinds of link.
 */
@Tag("root")
@ParameterizedClass
@MethodSource("settings")
class LinuxIT extends PeerScenarios {

  record Settings(boolean scaling, boolean timestamps, boolean sack, boolean ipv6, int mtu) {}

  private static Path program;

  @Parameter Settings settings;

  @BeforeAll
  static void build() throws Exception {
    program = PeerProcess.build("linux");
  }

  /** Each of the eight combinations of options once with each family; the MTU changes with them. */
  static Stream<Settings> settings() {
    return IntStream.range(0, 16)
        .mapToObj(
            bits ->
                new Settings(
                    (bits & 1) != 0,
                    (bits & 2) != 0,
                    (bits & 4) != 0,
                    (bits & 8) != 0,
                    Integer.bitCount(bits) % 2 == 0 ? 1420 : 1280));
  }

  @Override
  String ourAddress() {
    return settings.ipv6() ? "fd7a:7461:696c::1" : "10.6.0.1";
  }

  @Override
  String peerAddress() {
    return settings.ipv6() ? "fd7a:7461:696c::2" : "10.6.0.2";
  }

  @Override
  int mtu() {
    return settings.mtu();
  }

  @Override
  PeerProcess startPeer() {
    return PeerProcess.start(
        program, link, folder, peerAddress() + (settings.ipv6() ? "/64" : "/24"));
  }

  @Override
  StackConfig config() {
    return StackConfig.builder(tcp(/* ipv6= */ false), tcp(/* ipv6= */ true)).build();
  }

  private TcpConfig tcp(boolean ipv6) {
    return TcpConfig.wan(mtu(), ipv6).toBuilder()
        .options(settings.scaling(), settings.timestamps(), settings.sack())
        .build();
  }

  @Test
  void whatWeOfferIsNegotiatedAndNothingElse() throws Exception {
    TcpChannel channel = us.call(peerHost(), ECHO, new Received());
    TcpStats stats = stats(channel);
    assertThat(stats.sack()).isEqualTo(settings.sack());
    assertThat(stats.timestamps()).isEqualTo(settings.timestamps());
    assertThat(stats.windowShift() > 0).isEqualTo(settings.scaling());
    int headers = (settings.ipv6() ? 60 : 40) + (settings.timestamps() ? 12 : 0);
    assertThat(stats.mss()).isEqualTo(settings.mtu() - headers);
    channel.close().sync();
  }

  /** lwIP's sockets do not hear of it. */
  @Test
  void aUdpPortOfOursWhereNobodyListensRefusesThem() {
    assertThat(peer.question(ourAddress(), NOBODY, 10)).isEqualTo("refused -1");
  }

  @Test
  void theirFragmentsAreMadeWhole() throws Exception {
    assumeFalse(settings.ipv6(), "IPv6 in fragments is not taken");
    new OurUdp(stack, address(ourAddress()), OURS);
    assertThat(peer.question(ourAddress(), OURS, 4000)).isEqualTo("ok " + OurUdp.LONGEST_ANSWER);
  }
}
