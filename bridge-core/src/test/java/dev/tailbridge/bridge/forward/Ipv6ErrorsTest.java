package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.icmp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.ip.TestPacket6;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** ICMP errors between the device and IPv6 callers: each side is quoted what it sent itself. */
class Ipv6ErrorsTest {

  private static final String NODE_TO_CALLER =
      "ICMPv6 fd7a:115c:a1e0:0:0:0:0:3 > fd7a:115c:a1e0:0:0:0:0:7 ";

  private final ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  @Test
  void portUnreachableOfTheDeviceQuotesWhatTheCallerSent() {
    byte[] sent = TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(40)).trafficClass(4).bytes();
    bench.fromNode(TestPacket6.udp(OTHER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    SeenPacket seen = bench.fromNode(sent).onlyToDevice();
    assertThat(seen.sourcePort()).as("another face").isNotEqualTo(41000);

    SeenPacket error = bench.fromDevice(icmp(DEVICE, BRIDGE, 3, 3, 0, seen.bytes())).onlyToNode();

    assertThat(error).hasToString(NODE_TO_CALLER + "1/4");
    assertThat(error.quoted()).isEqualTo(sent);
  }

  /** lwIP quotes the header and eight bytes. */
  @Test
  void theBeginningOfADatagramIsEnough() {
    byte[] sent = TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(40)).bytes();
    byte[] seen = bench.fromNode(sent).onlyToDevice().bytes();

    SeenPacket error =
        bench.fromDevice(icmp(DEVICE, BRIDGE, 3, 3, 0, Arrays.copyOf(seen, 28))).onlyToNode();

    assertThat(error).hasToString(NODE_TO_CALLER + "1/4");
    assertThat(error.quoted()).isEqualTo(Arrays.copyOf(sent, 48));
  }

  @Test
  void anErrorAboutAPingQuotesThePing() {
    byte[] sent = TestPacket6.echo(CALLER6, NODE6, 128, 77).bytes();
    byte[] seen = bench.fromNode(sent).onlyToDevice().bytes();

    SeenPacket error = bench.fromDevice(icmp(DEVICE, BRIDGE, 3, 2, 0, seen)).onlyToNode();

    assertThat(error).hasToString(NODE_TO_CALLER + "4/1");
    assertThat(error.u32(44)).as("points at the next header").isEqualTo(6);
    assertThat(error.quoted()).isEqualTo(sent);
    assertThat(
            bench
                .fromDevice(icmp(DEVICE, BRIDGE, 3, 2, 0, Arrays.copyOf(seen, 28)))
                .onlyToNode()
                .quoted())
        .isEqualTo(Arrays.copyOf(sent, 48));
  }

  @Test
  void aLongQuoteIsCutAtTheMinimumMtu() {
    byte[] sent = TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(1200)).bytes();
    byte[] seen = bench.fromNode(sent).onlyToDevice().bytes();

    SeenPacket error = bench.fromDevice(icmp(DEVICE, BRIDGE, 3, 3, 0, seen)).onlyToNode();

    assertThat(error.size()).isEqualTo(1280);
    assertThat(error.quoted()).isEqualTo(Arrays.copyOf(sent, 1232));
  }

  @Test
  void extensionsAreCutOff() {
    byte[] sent = TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(40)).bytes();
    byte[] seen = bench.fromNode(sent).onlyToDevice().bytes();
    byte[] withExtension = Arrays.copyOf(seen, seen.length + 12);

    SeenPacket error =
        bench
            .fromDevice(icmp(DEVICE, BRIDGE, 3, 3, (seen.length / 4) << 16, withExtension))
            .onlyToNode();

    assertThat(error.quoted()).isEqualTo(sent);
    assertThat(error.u32(44)).isZero();
  }

  @Test
  void portUnreachableOfACallerQuotesWhatTheDeviceSent() {
    bench.fromNode(TestPacket6.udp(OTHER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    SeenPacket seen =
        bench.fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    byte[] sent = udp(DEVICE, 9, BRIDGE, seen.sourcePort(), bytes(30)).bytes();
    byte[] arrived = bench.fromDevice(sent).onlyToNode().bytes();

    SeenPacket error =
        bench
            .fromNode(TestPacket6.icmp(CALLER6, NODE6, 1, 4, 0, arrived).hopLimit(9))
            .onlyToDevice();

    assertThat(error).hasToString("ICMP 10.6.0.1 > 10.6.0.2 3/3");
    assertThat(error.ttl()).isEqualTo(9);
    assertThat(withoutIdentification(error.quoted())).isEqualTo(withoutIdentification(sent));
    SeenPacket cut =
        bench
            .fromNode(TestPacket6.icmp(CALLER6, NODE6, 1, 4, 0, Arrays.copyOf(arrived, 48)))
            .onlyToDevice();
    assertThat(withoutIdentification(cut.quoted()))
        .isEqualTo(withoutIdentification(Arrays.copyOf(sent, 28)));
  }

  @Test
  void extensionsOfIcmpv6AreCutOffToo() {
    bench.fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    byte[] sent = udp(DEVICE, 9, BRIDGE, 41000, bytes(28)).bytes();
    byte[] arrived = bench.fromDevice(sent).onlyToNode().bytes();
    int units = arrived.length / 8;
    byte[] withExtension = Arrays.copyOf(arrived, 8 * units + 12);

    SeenPacket error =
        bench
            .fromNode(TestPacket6.icmp(CALLER6, NODE6, 1, 4, units << 24, withExtension))
            .onlyToDevice();

    assertThat(error.quoted()).hasSize(8 * units - 20);
    assertThat(error.u32(24)).isZero();
  }

  /** IPv6 has no identification: the quoted header gets a new one, and DF; the rest is the same. */
  private static byte[] withoutIdentification(byte[] packet) {
    byte[] copy = packet.clone();
    Arrays.fill(copy, 4, 8, (byte) 0);
    Arrays.fill(copy, 10, 12, (byte) 0);
    return copy;
  }

  @Test
  void aRouterOnTheWayIsShownAsTheBridge() {
    bench.fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    byte[] arrived =
        bench.fromDevice(udp(DEVICE, 9, BRIDGE, 41000, bytes(1300))).toNode().get(0).bytes();

    SeenPacket error =
        bench
            .fromNode(
                TestPacket6.icmp(
                    "fd7a:115c:a1e0::99", NODE6, 2, 0, 1280, Arrays.copyOf(arrived, 1200)))
            .onlyToDevice();

    assertThat(error).hasToString("ICMP 10.6.0.1 > 10.6.0.2 3/4");
    assertThat(error.u16(26)).as("MTU").isEqualTo(1260);
  }

  @Test
  void anErrorAboutAnAnsweredPingReachesTheDevice() {
    bench.fromNode(TestPacket6.echo(CALLER6, NODE6, 128, 77)).onlyToDevice();
    byte[] sent = TestPacket.echo(DEVICE, BRIDGE, 0, 77).bytes();
    byte[] arrived = bench.fromDevice(sent).onlyToNode().bytes();

    SeenPacket error =
        bench.fromNode(TestPacket6.icmp(CALLER6, NODE6, 3, 0, 0, arrived)).onlyToDevice();

    assertThat(error).hasToString("ICMP 10.6.0.1 > 10.6.0.2 11/0");
    assertThat(withoutIdentification(error.quoted())).isEqualTo(withoutIdentification(sent));
  }

  @Test
  void errorsAboutNothingThatWasForwardedAreDropped() {
    bench.fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(1))).onlyToDevice();
    byte[] good = TestPacket6.udp(NODE6, 9, CALLER6, 41000, bytes(40)).bytes();
    byte[] version = good.clone();
    version[0] = 0x40;
    byte[] lies = good.clone();
    lies[5] = 7;
    byte[] likePorts = {0, 9, (byte) 0xa0, 0x28, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    byte[][] quotes = {
      Arrays.copyOf(good, 47),
      Arrays.copyOf(good, 39),
      version,
      lies,
      new byte[60],
      TestPacket6.udp(NODE6, 9, OTHER6, 41000, bytes(40)).bytes(),
      TestPacket6.udp(NODE6, 9, CALLER6, 41001, bytes(40)).bytes(),
      TestPacket6.udp(OTHER6, 9, CALLER6, 41000, bytes(40)).bytes(),
      TestPacket6.udp(NODE6, 9, CALLER6, 41000, likePorts).fragment(8, 24, true),
      TestPacket6.raw(NODE6, CALLER6, 6, bytes(20)).bytes(),
      TestPacket6.icmp(NODE6, CALLER6, 1, 4, 0, bytes(20)).bytes(),
    };
    for (byte[] quote : quotes) {
      bench
          .fromNode(TestPacket6.icmp(CALLER6, NODE6, 1, 4, 0, quote))
          .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
    }
    bench.fromNode(TestPacket6.icmp(CALLER6, NODE6, 1, 4, 0, good)).onlyToDevice();
    bench
        .fromNode(TestPacket6.icmp(CALLER6, NODE6, 1, 6, 0, good))
        .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
  }

  @Test
  void errorsThatIcmpv6DoesNotKnowAreDropped() {
    byte[] seen =
        bench.fromNode(TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(9))).onlyToDevice().bytes();

    bench
        .fromDevice(icmp(DEVICE, BRIDGE, 3, 14, 0, seen))
        .onlyDropped(ForwardDrop.UNSUPPORTED_ICMP);
  }
}
