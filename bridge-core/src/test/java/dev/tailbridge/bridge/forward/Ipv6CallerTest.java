package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER6;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.Reassembler;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket6;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** IPv6 callers' UDP and ping, there and back. The bench verifies every checksum. */
class Ipv6CallerTest {

  private static final String NODE_TEXT = "fd7a:115c:a1e0:0:0:0:0:3";
  private static final String CALLER_TEXT = "fd7a:115c:a1e0:0:0:0:0:7";

  private ForwardBench bench = new ForwardBench(ForwardSettings.Source.GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private void use(ForwardSettings.Source source, ForwardLimits limits) {
    bench.close();
    bench = new ForwardBench(ForwardBench.settings(source, limits));
  }

  /** The device's answer to what it has just seen at port 9. */
  private SeenPacket answer(SeenPacket seen, int size) {
    return bench
        .fromDevice(udp(DEVICE, 9, seen.source(), seen.sourcePort(), bytes(size)))
        .onlyToNode();
  }

  @ParameterizedTest
  @EnumSource
  void udpComesFromTheBridgeAndTheAnswerGoesBack(ForwardSettings.Source source) {
    use(source, ForwardLimits.DEFAULT);
    SeenPacket seen =
        bench
            .fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(13)).hopLimit(7))
            .onlyToDevice();

    assertThat(seen).hasToString("UDP 10.6.0.1:41000 > 10.6.0.2:9");
    assertThat(seen.ttl()).isEqualTo(7);
    assertThat(Arrays.copyOfRange(seen.payload(), 8, 21)).isEqualTo(bytes(13));

    SeenPacket back =
        bench.fromDevice(udp(DEVICE, 9, BRIDGE, 41000, bytes(5)).ttl(200)).onlyToNode();

    assertThat(back).hasToString("UDP " + NODE_TEXT + ":9 > " + CALLER_TEXT + ":41000");
    assertThat(back.ttl()).isEqualTo(200);
    assertThat(Arrays.copyOfRange(back.payload(), 8, 13)).isEqualTo(bytes(5));
  }

  @ParameterizedTest
  @EnumSource
  void pingIsAnswered(ForwardSettings.Source source) {
    use(source, ForwardLimits.DEFAULT);
    SeenPacket seen = bench.fromNode(TestPacket6.echo(CALLER6, NODE6, 128, 77)).onlyToDevice();

    assertThat(seen).hasToString("ICMP 10.6.0.1 > 10.6.0.2 8/0 id 77");
    SeenPacket back = bench.fromDevice(echo(DEVICE, BRIDGE, 0, 77)).onlyToNode();
    assertThat(back).hasToString("ICMPv6 " + NODE_TEXT + " > " + CALLER_TEXT + " 129/0 id 77");
    assertThat(Arrays.copyOfRange(back.payload(), 6, 21))
        .as("sequence number and data")
        .isEqualTo(Arrays.copyOfRange(seen.payload(), 6, 21));
  }

  @Test
  void callersOfBothFamiliesWithOnePortAreKeptApart() {
    SeenPacket a = bench.fromNode(udp(CALLER, 41000, NODE, 9, bytes(1))).onlyToDevice();
    SeenPacket b =
        bench.fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    SeenPacket c =
        bench.fromNode(TestPacket6.udp(OTHER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();

    assertThat(answer(c, 1).destination()).isEqualTo("fd7a:115c:a1e0:0:0:0:0:8");
    assertThat(answer(b, 1).destination()).isEqualTo(CALLER_TEXT);
    assertThat(answer(a, 1).destination()).isEqualTo(CALLER);
    assertThat(bench.forwarder.stats().udpFlows()).isEqualTo(3);
  }

  @Test
  void trafficClassPassesAndTheFlowLabelDoesNot() {
    bench.fromNode(
        TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1)).trafficClass(0xb9).flowLabel(0xfffff));
    assertThat(bench.onlyToDevice().trafficClass()).isEqualTo(0xb9);

    byte[] back = udp(DEVICE, 9, BRIDGE, 1, bytes(1)).bytes();
    back[1] = 0x2a;
    back[10] = (byte) (back[10] - ((back[11] & 0xff) < 0x2a ? 1 : 0));
    back[11] = (byte) (back[11] - 0x2a);
    SeenPacket answer = bench.fromDevice(back).onlyToNode();
    assertThat(answer.trafficClass()).isEqualTo(0x2a);
    assertThat(answer.u32(0) & 0xfffff).isZero();
  }

  @Test
  void aDatagramWithoutChecksumGetsOne() {
    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1))).onlyToDevice();

    SeenPacket back =
        bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(8)).withoutChecksum()).onlyToNode();

    assertThat(back.u16(46)).isNotZero();
  }

  /** A checksum that comes out as zero is sent as all ones: zero would mean none. */
  @Test
  void aChecksumOfZeroIsNeverSent() {
    byte[] in = dataOf(0xffff, data -> udp(BRIDGE, 1, DEVICE, 9, data).bytes(), 26);
    byte[] out = dataOf(0xffff, data -> TestPacket6.udp(NODE6, 9, CALLER6, 1, data).bytes(), 46);

    SeenPacket seen = bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, in)).onlyToDevice();
    SeenPacket back = bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, out)).onlyToNode();

    assertThat(seen.u16(26)).isEqualTo(0xffff);
    assertThat(back.u16(46)).isEqualTo(0xffff);
  }

  /** Two bytes of data with which a packet has this word at an index. */
  private static byte[] dataOf(int word, UnaryOperator<byte[]> packet, int at) {
    for (int i = 0; i < 0x10000; i++) {
      byte[] data = {(byte) (i >> 8), (byte) i};
      byte[] bytes = packet.apply(data);
      if (((bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff)) == word) {
        return data;
      }
    }
    throw new AssertionError("no data gives " + word);
  }

  @Test
  void extensionHeadersAreLeftBehind() {
    bench.fromNode(
        TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(6))
            .extensions(
                0, "3c00010400000000" + "2b01010c000000000000000000000000" + "1100000000000000"));

    SeenPacket seen = bench.onlyToDevice();
    assertThat(seen).hasToString("UDP 10.6.0.1:1 > 10.6.0.2:9");
    assertThat(seen.size()).isEqualTo(20 + 8 + 6);
  }

  @Test
  void anAnswerOfTheTailnetsMtuGoesWhole() {
    SeenPacket seen =
        bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1232))).onlyToDevice();
    assertThat(seen.size()).isEqualTo(1260);

    SeenPacket whole = answer(seen, 1232);
    assertThat(whole.size()).isEqualTo(1280);
    assertThat(whole.isFragment()).isFalse();
  }

  @Test
  void anAnswerThatMustNotBeFragmentedIsToldTheRoom() {
    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1))).onlyToDevice();

    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1233)).dontFragment());

    assertThat(bench.drops()).containsExactly(ForwardDrop.TOO_BIG_FOR_TAILNET);
    assertThat(bench.toNode()).isEmpty();
    SeenPacket error = bench.toDevice().get(0);
    assertThat(error).hasToString("ICMP 10.6.0.1 > 10.6.0.2 3/4");
    assertThat(error.u16(26)).as("MTU").isEqualTo(1260);
    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1232)).dontFragment()).onlyToNode();
  }

  @Test
  void flowsAndCallersEndFiveMinutesAfterTheirLastPacket() {
    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1))).onlyToDevice();
    bench.pass(Duration.ofSeconds(299)).fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1)));
    bench.onlyToNode();
    bench.pass(Duration.ofSeconds(299)).fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1)));
    bench.onlyToNode();

    bench.pass(Duration.ofMinutes(5));

    assertThat(bench.forwarder.stats().udpFlows()).isZero();
    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1)));
    assertThat(bench.drops()).containsExactly(ForwardDrop.BRIDGE_PORT_CLOSED);
    assertThat(bench.toDevice()).as("port unreachable").hasSize(1);
  }

  @Test
  void aFullTableGivesUpTheCallerSilentForLongest() {
    use(ForwardSettings.Source.GATEWAY, new ForwardLimits(4, 4, 4, 4, 20_000));
    for (int i = 0; i < 100; i++) {
      bench.fromNode(TestPacket6.udp("fd7a::" + (100 + i), 1, NODE6, 9, bytes(1))).onlyToDevice();
      bench.fromNode(TestPacket6.echo("fd7a::" + (100 + i), NODE6, 128, 1)).onlyToDevice();
    }

    assertThat(bench.forwarder.stats().udpFlows()).isEqualTo(4);
    assertThat(bench.forwarder.stats().pings()).isEqualTo(4);
  }

  @Test
  void anotherAddressOfTheNodeEndsWhatTheOldOneHad() {
    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1))).onlyToDevice();
    bench.forwarder.nodeAddresses(ForwardBench.v4(NODE), null);
    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1))).onlyDropped(ForwardDrop.NO_NODE);

    bench.forwarder.nodeAddresses(ForwardBench.v4(NODE), ForwardBench.v6(NODE6));
    bench.fromDevice(udp(DEVICE, 9, BRIDGE, 1, bytes(1))).onlyToNode();

    bench.forwarder.nodeAddresses(ForwardBench.v4(NODE), ForwardBench.v6("fd7a::99"));
    assertThat(bench.forwarder.stats().udpFlows()).isZero();
  }

  /** The stand-ins are the forwarder's own affair: nobody gets at them from outside. */
  @Test
  void standInsCannotBeAddressed() {
    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(1))).onlyToDevice();

    bench.fromDevice(udp(DEVICE, 9, "0.0.0.1", 1, bytes(1)));
    assertThat(bench.drops()).containsExactly(ForwardDrop.NO_EGRESS);
    assertThat(bench.toNode()).isEmpty();
    bench.toDevice();
    bench.fromNode(udp("0.0.0.1", 1, NODE, 9, bytes(1))).onlyDropped(ForwardDrop.FORGED_SOURCE);
  }

  @Test
  void aDropIsToldWithTheCallersOwnAddress() {
    byte[] broken = TestPacket6.echo(CALLER6, NODE6, 128, 1).bytes();
    broken[broken.length - 1]++;
    bench.fromNode(broken).onlyDropped(ForwardDrop.BAD_CHECKSUM);
    assertThat(bench.lastDropped())
        .isEqualTo(
            "ICMPv6 type 128 ["
                + CALLER_TEXT
                + "] > ["
                + NODE_TEXT
                + "], "
                + broken.length
                + " bytes");

    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(9)).fragment(0, 16, true));
    bench.pass(Duration.ofNanos(Reassembler.TIMEOUT)).onlyDropped(ForwardDrop.FRAGMENT_INCOMPLETE);
    assertThat(bench.lastDropped()).startsWith("UDP [" + CALLER_TEXT + "] > [" + NODE_TEXT + "],");

    bench.fromNode(TestPacket6.udp(CALLER6, 1, NODE6, 9, bytes(9))).onlyToDevice();
    bench.fromNode(udp("0.0.0.1", 1, NODE, 9, bytes(1))).onlyDropped(ForwardDrop.FORGED_SOURCE);
    assertThat(bench.lastDropped()).startsWith("UDP 0.0.0.1:1 > 100.64.0.3:9,");
  }
}
