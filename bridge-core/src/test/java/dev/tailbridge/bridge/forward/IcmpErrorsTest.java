package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.icmp;
import static dev.tailbridge.ip.TestPacket.raw;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * ICMP errors in full, written out: header, addresses, message, then header, addresses and payload
 * of the quoted packet. 100.64.0.3 is 64400003, 10.6.0.2 is 0a060002, the caller 64400007.
 */
class IcmpErrorsTest {

  private final ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  void nothingLeaked() {
    bench.close();
  }

  private static byte[] hex(String... parts) {
    return ByteBufUtil.decodeHexDump(String.join("", parts));
  }

  private static void assertIs(SeenPacket seen, String... parts) {
    assertThat(ByteBufUtil.hexDump(seen.bytes())).isEqualTo(String.join("", parts));
  }

  @Test
  void portUnreachableOfTheDeviceAboutTheBeginningOfACallersDatagram() {
    bench.fromNode(udp(CALLER, 41000, NODE, 9, bytes(9))).onlyToDevice();

    bench.fromDevice(
        hex(
            "4500003812340000ff019582",
            "0a0600020a060001",
            "03032a4200000000",
            "45000025123400003d115786",
            "0a0600010a060002",
            "a028000900113278"));

    assertIs(
        bench.onlyToNode(),
        "4500003812340000ff01e106",
        "6440000364400007",
        "0303debd00000000",
        "45000025123400003d11a30a",
        "6440000764400003",
        "a028000900117dfc");
  }

  @Test
  void timeExceededOnTheWayOfTheDevicesOwnConnection() {
    bench.fromDevice(tcp(DEVICE, 50000, "100.64.0.9", 81, SYN)).onlyToNode();

    bench.fromNode(
        hex(
            "45000038123400003c01a3dc",
            "6440003264400003",
            "0b002d5800000000",
            "45000028123400003d06a310",
            "6440000364400009",
            "c350005101020304"));

    assertIs(
        bench.onlyToDevice(),
        "45000038123400003c01fe17",
        "644000320a060002",
        "0b002d5800000000",
        "45000028123400003d06fd4b",
        "0a06000264400009",
        "c350005101020304");
  }

  @Test
  void portUnreachableOfACallerWhosePortWasTaken() {
    bench.fromNode(udp(CALLER, 41000, NODE, 9, bytes(9))).onlyToDevice();
    bench.fromNode(udp(OTHER, 41000, NODE, 9, bytes(9))).onlyToDevice();

    bench.fromNode(
        hex(
            "4500003d123400003c01a401",
            "6440000864400003",
            "0303c5a600000000",
            "45000021123400003d11a30d",
            "6440000364400008",
            "0009a028000d9740706f6e6721"));

    assertIs(
        bench.onlyToDevice(),
        "4500003d123400003c01587e",
        "0a0600010a060002",
        "0303112a00000000",
        "45000021123400003d11578a",
        "0a0600020a060001",
        "00090400000de7e5706f6e6721");
  }

  @Test
  void hostUnreachableAboutTheDevicesPing() {
    bench.fromDevice(echo(DEVICE, "100.64.0.9", 8, 77)).onlyToNode();

    bench.fromNode(
        hex(
            "45000040123400003c01a3fd",
            "6440000964400003",
            "0301fcfe00000000",
            "45000024123400003d01a319",
            "6440000364400009",
            "0800661c004d00016162636465666768"));

    assertIs(
        bench.onlyToDevice(),
        "45000040123400003c01fe38",
        "644000090a060002",
        "0301fcfe00000000",
        "45000024123400003d01fd54",
        "0a06000264400009",
        "0800661c004d00016162636465666768");
  }

  @Test
  void parameterProblemOfTheDeviceAboutACallersPing() {
    bench.fromNode(echo(CALLER, NODE, 8, 77)).onlyToDevice();
    bench.fromNode(echo(OTHER, NODE, 8, 77)).onlyToDevice();

    bench.fromDevice(
        hex(
            "45000040123400003c01587b",
            "0a0600020a060001",
            "0c00dfff14000000",
            "45000024123400003d015797",
            "0a0600010a060002",
            "08006269040000016162636465666768"));

    assertIs(
        bench.onlyToNode(),
        "45000040123400003c01a3fe",
        "6440000364400008",
        "0c00dfff14000000",
        "45000024123400003d01a31a",
        "6440000864400003",
        "0800661c004d00016162636465666768");
  }

  @Test
  void prohibitedAboutAWholeSegmentWithItsChecksum() {
    bench.fromDevice(tcp(DEVICE, 50000, "100.64.0.9", 81, SYN)).onlyToNode();

    bench.fromNode(
        hex(
            "45000044123400003c01a3f9",
            "6440000964400003",
            "030dc59900000000",
            "45000028123400003d06a310",
            "6440000364400009",
            "c3500051010203040000000050021670093f0000"));

    assertIs(
        bench.onlyToDevice(),
        "45000044123400003c01fe34",
        "644000090a060002",
        "030d6b5e00000000",
        "45000028123400003d06fd4b",
        "0a06000264400009",
        "c3500051010203040000000050021670637a0000");
  }

  @Test
  void errorsAboutNoFlowAreDropped() {
    byte[] fromDevice = udp("10.6.0.1", 41000, DEVICE, 9, bytes(9)).bytes();
    byte[] toOther = udp(NODE, 9, OTHER, 41000, bytes(9)).bytes();

    bench
        .fromDevice(icmp(DEVICE, "10.6.0.1", 3, 3, 0, fromDevice))
        .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
    bench.fromNode(icmp(OTHER, NODE, 3, 3, 0, toOther)).onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
  }

  @Test
  void errorsThatCannotBeAboutTheFlowAreDropped() {
    bench.fromNode(udp(CALLER, 41000, NODE, 9, bytes(9))).onlyToDevice();
    byte[] seen = udp("10.6.0.1", 41000, DEVICE, 9, bytes(9)).bytes();
    byte[] likePorts = {0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xa0, 0x28, 0, 9, 0, 0, 0, 0, 0, 0};
    byte[] fragment = udp("10.6.0.1", 1, DEVICE, 1, likePorts).fragment(16, 26, false);
    byte[] longHeader = raw("10.6.0.1", DEVICE, 17, new byte[] {0, 0, 0, 0, -96, 40, 0, 9}).bytes();
    longHeader[0] = 0x46;
    byte[] otherTarget = udp("10.6.0.1", 41000, "10.6.0.3", 9, bytes(9)).bytes();

    bench
        .fromDevice(icmp(DEVICE, OTHER, 3, 3, 0, seen))
        .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
    for (byte[] quoted :
        new byte[][] {fragment, longHeader, otherTarget, Arrays.copyOf(seen, 27), new byte[40]}) {
      bench
          .fromDevice(icmp(DEVICE, "10.6.0.1", 3, 3, 0, quoted))
          .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
    }
    bench.fromDevice(icmp(DEVICE, "10.6.0.1", 3, 3, 0, seen)).onlyToNode();
    bench
        .fromNode(icmp(CALLER, NODE, 3, 3, 0, udp(OTHER, 9, CALLER, 41000, bytes(1)).bytes()))
        .onlyDropped(ForwardDrop.ERROR_WITHOUT_FLOW);
  }
}
