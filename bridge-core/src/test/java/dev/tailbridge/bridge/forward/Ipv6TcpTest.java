package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.ip.TestPacket.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.TestPacket6;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which packets of IPv6 callers take the path of TCP. */
class Ipv6TcpTest {

  private static final byte[] SEGMENT = bytes(20);
  private static final byte[] OURS = TestPacket6.raw(NODE6, CALLER6, 6, SEGMENT).bytes();

  static Stream<Arguments> packets() {
    byte[] datagram = TestPacket6.udp(NODE6, 9, CALLER6, 1, bytes(20)).bytes();
    byte[] otherVersion = OURS.clone();
    otherVersion[0] = 0x40;
    return Stream.of(
        Arguments.of("TCP", true, TestPacket6.raw(CALLER6, NODE6, 6, SEGMENT).bytes()),
        Arguments.of(
            "TCP to another", false, TestPacket6.raw(CALLER6, CALLER6, 6, SEGMENT).bytes()),
        Arguments.of("TCP from itself", false, TestPacket6.raw(NODE6, NODE6, 6, SEGMENT).bytes()),
        Arguments.of("UDP", false, TestPacket6.udp(CALLER6, 1, NODE6, 9, SEGMENT).bytes()),
        Arguments.of("unreachable", true, error(1, OURS)),
        Arguments.of("too big", true, error(2, OURS)),
        Arguments.of("beginning", true, error(1, Arrays.copyOf(OURS, 48))),
        Arguments.of("too little", false, error(1, Arrays.copyOf(OURS, 39))),
        Arguments.of("about UDP", false, error(1, datagram)),
        Arguments.of("about no IPv6", false, error(1, otherVersion)),
        Arguments.of("ping that looks like it", false, error(128, OURS)),
        Arguments.of("cut off", false, Arrays.copyOf(error(1, OURS), 90)),
        Arguments.of("no packet", false, new byte[] {0x60}));
  }

  private static byte[] error(int type, byte[] quoted) {
    return TestPacket6.icmp(CALLER6, NODE6, type, 0, 0, quoted).bytes();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("packets")
  void isAboutTcp(String name, boolean expected, byte[] packet) {
    NodeAddresses node = new NodeAddresses();
    node.set(ForwardBench.v4(NODE), ForwardBench.v6(NODE6));

    assertThat(Ipv6Tcp.isAboutTcp(Unpooled.wrappedBuffer(packet), node))
        .as(name)
        .isEqualTo(expected);
    node.set(ForwardBench.v4(NODE), null);
    assertThat(Ipv6Tcp.isAboutTcp(Unpooled.wrappedBuffer(packet), node)).as(name).isFalse();
  }
}
