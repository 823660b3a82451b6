package dev.tailbridge.bridge.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of RFC 7915 4.2 and 5.2 with figures 3 and 6, row by row. */
class IcmpErrorHeadTest {

  private static @Nullable IcmpErrorHead v4(int type, int code, int rest) {
    return new IcmpErrorHead(type, code, rest).toV4(1280);
  }

  private static @Nullable IcmpErrorHead v6(int type, int code, int rest) {
    return new IcmpErrorHead(type, code, rest).toV6(1280);
  }

  @ParameterizedTest(name = "ICMP {0}/{1} is ICMPv6 {2}/{3}")
  @CsvSource({
    "3, 0, 1, 0, 0",
    "3, 1, 1, 0, 0",
    "3, 2, 4, 1, 6",
    "3, 3, 1, 4, 0",
    "3, 5, 1, 0, 0",
    "3, 6, 1, 0, 0",
    "3, 7, 1, 0, 0",
    "3, 8, 1, 0, 0",
    "3, 9, 1, 1, 0",
    "3, 10, 1, 1, 0",
    "3, 11, 1, 0, 0",
    "3, 12, 1, 0, 0",
    "3, 13, 1, 1, 0",
    "3, 15, 1, 1, 0",
    "11, 0, 3, 0, 0",
    "11, 1, 3, 1, 0",
  })
  void fromIcmp(int type, int code, int type6, int code6, int rest6) {
    assertThat(v6(type, code, 0x00050000)).isEqualTo(new IcmpErrorHead(type6, code6, rest6));
  }

  @ParameterizedTest(name = "ICMPv6 {0}/{1} is ICMP {2}/{3}")
  @CsvSource({
    "1, 0, 3, 1",
    "1, 1, 3, 10",
    "1, 2, 3, 1",
    "1, 3, 3, 1",
    "1, 4, 3, 3",
    "3, 0, 11, 0",
    "3, 1, 11, 1",
    "4, 1, 3, 2",
  })
  void fromIcmpv6(int type6, int code6, int type, int code) {
    assertThat(v4(type6, code6, 0x05000000)).isEqualTo(new IcmpErrorHead(type, code, 0));
  }

  @ParameterizedTest(name = "a too big packet for {0} over IPv6 is one for {1} over IPv4")
  @CsvSource({"1280, 1260", "0, 1260", "1000, 1260", "1420, 1260", "2147483648, 1260"})
  void packetTooBig(long mtu6, int mtu4) {
    assertThat(v4(2, 0, (int) mtu6)).isEqualTo(new IcmpErrorHead(3, 4, mtu4));
    assertThat(new IcmpErrorHead(2, 0, 1400).toV4(1500)).isEqualTo(new IcmpErrorHead(3, 4, 1380));
  }

  @ParameterizedTest(name = "a too big packet for {0} over IPv4 is one for {1} over IPv6")
  @CsvSource({"1260, 1280", "0, 1280", "576, 1280", "1420, 1280"})
  void fragmentationNeeded(int mtu4, int mtu6) {
    assertThat(v6(3, 4, mtu4)).isEqualTo(new IcmpErrorHead(2, 0, mtu6));
    assertThat(new IcmpErrorHead(3, 4, 1400).toV6(1500)).isEqualTo(new IcmpErrorHead(2, 0, 1420));
  }

  @ParameterizedTest(name = "the fault at {0} of an IPv4 header is at {1} of an IPv6 header")
  @CsvSource({
    "0, 0", "1, 1", "2, 4", "3, 4", "8, 7", "9, 6", "12, 8", "13, 8", "14, 8", "15, 8", "16, 24",
    "17, 24", "18, 24", "19, 24",
  })
  void pointerFromIcmp(int pointer, int pointer6) {
    assertThat(v6(12, 0, pointer << 24)).isEqualTo(new IcmpErrorHead(4, 0, pointer6));
    assertThat(v6(12, 2, pointer << 24)).isEqualTo(new IcmpErrorHead(4, 0, pointer6));
  }

  @Test
  void pointersWithoutCounterpartAreDropped() {
    Set<Integer> fields4 = Set.of(0, 1, 2, 3, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19);
    for (int pointer = 0; pointer < 256; pointer++) {
      assertThat(v6(12, 0, pointer << 24) != null).isEqualTo(fields4.contains(pointer));
      assertThat(v6(12, 1, pointer << 24)).isNull();
    }
    for (int pointer : new int[] {2, 3, 40, 41, 1280, -1, Integer.MIN_VALUE}) {
      assertThat(v4(4, 0, pointer)).as("pointer %d", pointer).isNull();
    }
  }

  @Test
  void pointersFromIcmpv6() {
    int[] expected = {0, 1, -1, -1, 2, 2, 9, 8};
    for (int pointer = 0; pointer < 40; pointer++) {
      int field = pointer < 8 ? expected[pointer] : pointer < 24 ? 12 : 16;
      IcmpErrorHead head = field < 0 ? null : new IcmpErrorHead(12, 0, field << 24);
      assertThat(v4(4, 0, pointer)).as("pointer %d", pointer).isEqualTo(head);
    }
  }

  @Test
  void whatIsNotInTheTablesIsDropped() {
    Set<Integer> unreachable = Set.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15);
    for (int code = 0; code < 256; code++) {
      assertThat(v6(3, code, 0) != null).as("3/%d", code).isEqualTo(unreachable.contains(code));
      assertThat(v4(1, code, 0) != null).as("1/%d", code).isEqualTo(code <= 4);
      assertThat(v4(4, code, 0) != null).as("4/%d", code).isEqualTo(code <= 1);
    }
    IntStream.range(0, 256)
        .filter(type -> type != 3 && type != 11 && type != 12)
        .forEach(type -> assertThat(v6(type, 0, 0)).as("%d/0", type).isNull());
    IntStream.range(0, 256)
        .filter(type -> type < 1 || type > 4)
        .forEach(type -> assertThat(v4(type, 0, 0)).as("%d/0", type).isNull());
  }
}
