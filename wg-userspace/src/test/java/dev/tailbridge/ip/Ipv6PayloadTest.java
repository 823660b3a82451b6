package dev.tailbridge.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class Ipv6PayloadTest {

  private static final byte[] DATA = TestPacket.bytes(32);

  private static TestPacket6 packet() {
    return TestPacket6.raw("fd7a::7", "fd7a::3", 17, DATA);
  }

  private static Ipv6Payload find(byte[] packet) {
    ByteBuf buffer = Unpooled.wrappedBuffer(packet);
    return Ipv6Payload.find(buffer, 0, packet.length);
  }

  @Test
  void withoutExtensionsItFollowsTheHeader() {
    assertThat(find(packet().bytes())).isEqualTo(new Ipv6Payload(17, 40, 32, 0, false, 0, false));
  }

  @Test
  void optionsAndFinishedRoutingHeadersAreSteppedOver() {
    String hopByHop = "3c00010400000000";
    String options = "2b01010c000000000000000000000000";
    String routing = "1100000000000000";

    assertThat(find(packet().extensions(0, hopByHop + options + routing).bytes()))
        .isEqualTo(new Ipv6Payload(17, 72, 32, 0, false, 0, false));
  }

  @Test
  void aRoutingHeaderWithSegmentsLeftLeadsElsewhere() {
    assertThat(find(packet().extensions(43, "1100000100000000").bytes()).sourceRouted()).isTrue();
  }

  @Test
  void fragmentsAreSeenAsSuchAndAtomicOnesAreWhole() {
    byte[] middle = packet().identification(-2).fragment(8, 24, true);
    byte[] last = packet().identification(3).fragment(16, 32, false);
    byte[] atomic = packet().identification(4).fragment(0, 32, false);

    assertThat(find(middle)).isEqualTo(new Ipv6Payload(17, 48, 16, 8, true, -2, false));
    assertThat(find(middle).isFragment()).isTrue();
    assertThat(find(last)).isEqualTo(new Ipv6Payload(17, 48, 16, 16, false, 3, false));
    assertThat(find(last).isFragment()).isTrue();
    assertThat(find(atomic)).isEqualTo(new Ipv6Payload(17, 48, 32, 0, false, 4, false));
    assertThat(find(atomic).isFragment()).isFalse();
  }

  @Test
  void whatFollowsAFragmentHeaderBelongsToTheDatagram() {
    byte[] first = TestPacket6.raw("fd7a::7", "fd7a::3", 60, DATA).fragment(0, 16, true);

    assertThat(find(first)).isEqualTo(new Ipv6Payload(60, 48, 16, 0, true, 0xabcd1234, false));
  }

  @Test
  void aHeaderLongerThanThePacketIsRefused() {
    assertThat(find(packet().extensions(0, "11ff010400000000").bytes())).isNull();
  }

  @Test
  void aChainThatNeverEndsIsNoKnownProtocol() {
    Ipv6Payload payload = find(packet().extensions(60, "3c00010400000000".repeat(20)).bytes());

    assertThat(payload.protocol()).isEqualTo(60);
    assertThat(payload.index()).isEqualTo(40 + 8 * 8);
  }

  @Test
  void anAddressSumsUpItsWords() throws Exception {
    Inet6Address address = (Inet6Address) InetAddress.getByName("fd7a:115c:a1e0::ff:3");
    ByteBuf bytes = Unpooled.wrappedBuffer(address.getAddress());
    Ipv6Address value = Ipv6Address.of(address);

    assertThat(value).isEqualTo(new Ipv6Address(0xfd7a_115c_a1e0_0000L, 0xff_0003));
    assertThat(value.sum()).isEqualTo(InternetChecksum.sum(bytes, 0, 16));
  }

  @Test
  void addressesAreOrderedByBothHalves() {
    Ipv6Address a = new Ipv6Address(1, 2);

    assertThat(a).isLessThan(new Ipv6Address(1, 3)).isLessThan(new Ipv6Address(2, 0));
    assertThat(a).isEqualByComparingTo(new Ipv6Address(1, 2));
  }
}
