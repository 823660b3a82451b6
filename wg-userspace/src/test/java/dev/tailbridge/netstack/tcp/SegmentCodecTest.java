package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Headers and options as bytes, the broken ones above all (RFC 9293 3.1 and 3.2, MUST-6, MUST-7).
 */
class SegmentCodecTest {

  private static final int SYN = Segment.SYN;
  private static final int ACK = Segment.ACK;

  /** The options, and what is understood of them: mss, wscale, sackOK, timestamps, SACK blocks. */
  @ParameterizedTest
  @CsvSource({
    // Whole ones, in a SYN and elsewhere.
    SYN + ", 020405b4, 1460 -1 false 0/0 0",
    ACK + ", 020405b4, 0 -1 false 0/0 0",
    SYN + ", 01030307, 0 7 false 0/0 0",
    SYN + ", 01030300, 0 0 false 0/0 0",
    SYN + ", 010303ff, 0 14 false 0/0 0",
    ACK + ", 01030307, 0 -1 false 0/0 0",
    SYN + ", 01010402, 0 -1 true 0/0 0",
    ACK + ", 01010402, 0 -1 false 0/0 0",
    ACK + ", 0101080a0000000100000002, 0 -1 false 1/2 0",
    ACK + ", 0101050a0000000100000002, 0 -1 false 0/0 1",
    ACK
        + ", 01010522"
        + "0000000100000002000000030000000400000005000000060000000700000008"
        + ", 0 -1 false 0/0 4",
    // Unknown ones are passed over, what follows the end is nothing.
    SYN + ", fd040000020405b4, 1460 -1 false 0/0 0",
    SYN + ", 00000000020405b4, 0 -1 false 0/0 0",
    // Of a wrong size: passed over when it is a size at all.
    SYN + ", 02030000020405b4, 0 -1 false 0/0 0",
    SYN + ", 020300fd0300020405b40000, 1460 -1 false 0/0 0",
    SYN + ", 0304000001030305, 0 5 false 0/0 0",
    ACK + ", 0809000000010000000200ff, 0 -1 false 0/0 0",
    ACK + ", 050b00000001000000020001, 0 -1 false 0/0 0",
    ACK + ", 05020101, 0 -1 false 0/0 0",
    // Of no size, or cut off by the end of the header: nothing more is read.
    SYN + ", 02000000020405b4, 0 -1 false 0/0 0",
    SYN + ", 02010000020405b4, 0 -1 false 0/0 0",
    SYN + ", 0101010204000000, 0 -1 false 0/0 0",
    SYN + ", 0101010302040000, 0 -1 false 0/0 0",
    SYN + ", 01010102, 0 -1 false 0/0 0",
    SYN + ", 02050000, 0 -1 false 0/0 0"
  })
  void options(int flags, String hex, String understood) {
    byte[] options = HexFormat.of().parseHex(hex);
    byte[] bytes = new byte[20 + options.length + 8];
    bytes[12] = (byte) (((20 + options.length) / 4) << 4);
    bytes[13] = (byte) flags;
    System.arraycopy(options, 0, bytes, 20, options.length);
    // Data that would be an option, were it read as one.
    System.arraycopy(HexFormat.of().parseHex("040405b4020405b4"), 0, bytes, 20 + options.length, 8);
    Segment segment = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, bytes.length, segment)).isTrue();
    String seen =
        segment.mss
            + " "
            + segment.windowScale
            + " "
            + segment.sackPermitted
            + " "
            + segment.timestamp
            + "/"
            + segment.timestampEcho
            + " "
            + segment.sackBlocks;
    assertThat(seen).isEqualTo(understood);
    assertThat(segment.dataLength).isEqualTo(8);
  }

  /** RFC 9293 3.1: a header has five words at least, and lies in the segment. */
  @ParameterizedTest
  @CsvSource({
    "19, 5, false",
    "20, 5, true",
    "20, 4, false",
    "20, 6, false",
    "24, 6, true",
    "60, 15, true",
    "59, 15, false",
    "0, 5, false",
    "100, 0, false"
  })
  void headers(int length, int words, boolean whole) {
    byte[] bytes = new byte[100];
    bytes[12] = (byte) (words << 4);
    Segment segment = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, length, segment)).isEqualTo(whole);
    if (whole) {
      assertThat(segment.dataLength).isEqualTo(length - 4 * words);
    }
  }

  /** All that a SYN of ours can say fits, byte for byte. */
  @Test
  void synWithEverything() {
    Segment syn = new Segment().clear();
    syn.ports(0x1234, 0x5678);
    syn.sequence = 0x01020304;
    syn.acknowledgment = 0x05060708;
    syn.flags = SYN | ACK;
    syn.window = 0x9abc;
    syn.mss = 1240;
    syn.windowScale = 0;
    syn.sackPermitted = true;
    syn.hasTimestamps = true;
    syn.timestamp = 0x11121314;
    syn.timestampEcho = 0x21222324;
    byte[] bytes = new byte[SegmentCodec.length(syn)];
    assertThat(SegmentCodec.write(syn, bytes, 0)).isEqualTo(40);
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "12345678"
                + "01020304"
                + "05060708"
                + "a0129abc"
                + "00000000"
                + "020404d8"
                + "01030300"
                + "0402080a"
                + "11121314"
                + "21222324");
  }
}
