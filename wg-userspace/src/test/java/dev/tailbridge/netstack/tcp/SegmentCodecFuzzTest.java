package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Any bytes as a segment: read without leaving them, and the same after writing and reading again.
 *
 * <p>Normal builds run the inputs in {@code SegmentCodecFuzzTestInputs}; CONTRIBUTING.md says how
 * to fuzz.
 */
class SegmentCodecFuzzTest {

  @FuzzTest
  void anyBytes(byte[] input) {
    // In the middle of an array, so that what lies around it would be noticed.
    byte[] bytes = new byte[input.length + 80];
    java.util.Arrays.fill(bytes, (byte) 8);
    System.arraycopy(input, 0, bytes, 7, input.length);
    Segment segment = new Segment();
    if (!SegmentCodec.read(bytes, 7, input.length, segment)) {
      assertThat(input.length < 20 || (input[12] >>> 4 & 0xf) < 5 || headerOf(input) > input.length)
          .as("a whole segment")
          .isTrue();
      return;
    }
    assertThat(segment.dataOffset + segment.dataLength).isEqualTo(7 + input.length);
    assertThat(segment.dataLength).isEqualTo(input.length - headerOf(input));
    assertThat(segment.windowScale).isBetween(-1, 14);
    assertThat(segment.sackBlocks).isBetween(0, Segment.MAX_SACK_BLOCKS);
    assertThat(segment.mss).isBetween(0, 0xffff);
    if (SegmentCodec.optionBytes(segment) > 40) {
      // Ours never have so many; see Invariants.
      return;
    }
    byte[] written = new byte[SegmentCodec.length(segment)];
    assertThat(SegmentCodec.write(segment, written, 0)).isEqualTo(written.length);
    Segment again = new Segment();
    assertThat(SegmentCodec.read(written, 0, written.length, again)).isTrue();
    assertThat(text(again)).isEqualTo(text(segment));
  }

  private static int headerOf(byte[] input) {
    return (input[12] >>> 4 & 0xf) * 4;
  }

  /** All that a segment says. */
  private static String text(Segment segment) {
    byte[] data = new byte[segment.dataLength];
    segment.copyData(0, data, 0, data.length);
    String numbers = segment + " ports " + segment.sourcePort + " " + segment.destinationPort;
    String options =
        " mss " + segment.mss + " wscale " + segment.windowScale + " " + segment.sackPermitted;
    String times = segment.hasTimestamps + " " + segment.timestamp + " " + segment.timestampEcho;
    return numbers
        + " flags "
        + segment.flags
        + options
        + times
        + java.util.HexFormat.of().formatHex(data);
  }
}
