package dev.tailbridge.bridge.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoBufferLeaks.class)
class NtpServiceTest {

  private static final Instant BUILT = Instant.parse("2026-11-24T00:00:00Z");

  private Instant now = Instant.parse("2026-11-29T12:00:00.5Z");
  private Instant seen = Instant.EPOCH;
  private final ServiceBench bench =
      new ServiceBench(
          loop -> new NtpService(new HostClock(() -> now, BUILT, () -> seen), this::benchNanos));

  private long benchNanos() {
    return bench.nowNanos;
  }

  @AfterEach
  void close() {
    bench.close();
  }

  /** What lwIP sends: version 4, mode 3, and with some settings the time of sending. */
  private static byte[] question(int first) {
    byte[] question = new byte[48];
    question[0] = (byte) first;
    question[2] = 6;
    for (int i = 0; i < 8; i++) {
      question[40 + i] = (byte) (0xa0 + i);
    }
    return question;
  }

  private List<byte[]> ask(byte[] question) {
    return bench.ask(50_123, 123, question);
  }

  private static String hex(byte[] bytes, int from, int to) {
    return ByteBufUtil.hexDump(Arrays.copyOfRange(bytes, from, to));
  }

  @Test
  void aRightClockIsTold() {
    byte[] answer = ask(question(0x23)).get(0);

    assertThat(answer).hasSize(48);
    assertThat(hex(answer, 0, 4))
        .as("LI 0, version 4, server; stratum; poll")
        .isEqualTo("240a06ec");
    assertThat(hex(answer, 4, 16)).isEqualTo("00000000" + "00001999" + "7f7f0101");
    String time = "eeb6924080000000";
    assertThat(hex(answer, 16, 24)).as("reference").isEqualTo(time);
    assertThat(hex(answer, 24, 32)).as("origin").isEqualTo("a0a1a2a3a4a5a6a7");
    assertThat(hex(answer, 32, 40)).as("receive").isEqualTo(time);
    assertThat(hex(answer, 40, 48)).as("transmit").isEqualTo(time);
  }

  @Test
  void theVersionIsTheQuestions() {
    assertThat(ask(question(0x1b)).get(0)[0]).isEqualTo((byte) 0x1c);
    assertThat(ask(question(0xe3)).get(0)[0]).as("an unset clock asks").isEqualTo((byte) 0x24);
  }

  /** The second era begins in 2036. */
  @Test
  void theSecondsStartAnewWithAnEra() {
    assertThat(NtpAnswer.timestamp(Instant.parse("2036-02-07T06:28:15Z")))
        .isEqualTo(0xffff_ffff_0000_0000L);
    assertThat(NtpAnswer.timestamp(Instant.parse("2036-02-07T06:28:16.25Z")))
        .isEqualTo(0x0000_0000_4000_0000L);
  }

  /** Stratum 16 is 0 on the wire; lwIP believes every other. */
  @ParameterizedTest
  @ValueSource(strings = {"1970-01-01T00:02:00Z", "2026-11-23T23:59:59Z"})
  void aClockBeforeTheBuildIsNotTold(String time) {
    now = Instant.parse(time);
    assertUnsynchronized(ask(question(0x23)).get(0));
  }

  @Test
  void aClockBehindWhatWasSeenIsNotToldUntilItIsRightAgain() {
    seen = now.plusSeconds(1);
    assertUnsynchronized(ask(question(0x23)).get(0));
    now = now.plusSeconds(1);
    assertThat(ask(question(0x23)).get(0)[1]).isEqualTo((byte) 10);
  }

  private static void assertUnsynchronized(byte[] answer) {
    assertThat(hex(answer, 0, 2)).as("LI 3, version 4, server; stratum").isEqualTo("e400");
    assertThat(new String(answer, 12, 4, StandardCharsets.US_ASCII)).isEqualTo("INIT");
    assertThat(hex(answer, 24, 32)).as("origin").isEqualTo("a0a1a2a3a4a5a6a7");
    assertThat(hex(answer, 16, 24) + hex(answer, 32, 48))
        .as("no time that a careless client could take")
        .isEqualTo(String.join("", Collections.nCopies(24, "00")));
  }

  @Test
  void whatIsNoQuestionIsCountedAndNotAnswered() {
    assertThat(ask(Arrays.copyOf(question(0x23), 47))).isEmpty();
    assertThat(ask(new byte[0])).isEmpty();
    for (int first : new int[] {0x24, 0x25, 0x26, 0x21, 0x13, 0x2b, 0x00, 0xff}) {
      assertThat(ask(question(first))).as("%x", first).isEmpty();
    }
    assertThat(bench.refused).hasSize(10).containsOnly(ForwardDrop.BAD_QUESTION);
  }

  @Test
  void anAnswerIsNeverLongerThanItsQuestion() {
    assertThat(ask(Arrays.copyOf(question(0x23), 68)).get(0)).hasSize(48);
  }

  @Test
  void aDeviceThatAsksTooOftenIsNotAnsweredForAWhile() {
    int answered = 0;
    for (int i = 0; i < 40; i++) {
      answered += ask(question(0x23)).size();
    }
    assertThat(answered).isEqualTo(16);
    assertThat(bench.refused).hasSize(24).containsOnly(ForwardDrop.TOO_MANY_QUESTIONS);
    bench.pass(Duration.ofSeconds(2));
    assertThat(ask(question(0x23))).hasSize(1);
    assertThat(ask(question(0x23))).hasSize(1);
    assertThat(ask(question(0x23))).isEmpty();
  }
}
