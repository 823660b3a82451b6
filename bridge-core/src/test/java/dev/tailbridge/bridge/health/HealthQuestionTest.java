package dev.tailbridge.bridge.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.bridge.health.HealthQuestion.BadQueryException;
import dev.tailbridge.bridge.health.HealthQuestion.Mode;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HealthQuestionTest {

  @Test
  void whatIsLeftOutHasDefaults() throws Exception {
    assertThat(HealthQuestion.of(Map.of()))
        .isEqualTo(
            new HealthQuestion(
                Mode.DEFAULT, null, null, Duration.ofSeconds(5), Duration.ofMinutes(3)));
  }

  @Test
  void durationsAreWrittenAsInGo() throws Exception {
    HealthQuestion question =
        HealthQuestion.of(Map.of("mode", "HTTP", "timeout", "1s500ms", "max_age", "1h2m3s"));
    assertThat(question.timeout()).isEqualTo(Duration.ofMillis(1500));
    assertThat(question.maxAge()).isEqualTo(Duration.ofSeconds(3723));
  }

  @ParameterizedTest
  @CsvSource({
    "mode, udp, 'mode is default, tcp, http or tunnel.'",
    "timeout, 5, 'timeout is a duration such as 500ms, 5s or 2m30s.'",
    "timeout, 0s, timeout is between 1ms and 30s.",
    "timeout, 31s, timeout is between 1ms and 30s.",
    "timeout, 9999999999s, 'timeout is a duration such as 500ms, 5s or 2m30s.'",
    "max_age, -1s, 'max_age is a duration such as 500ms, 5s or 2m30s.'",
    "path, status, 'path begins with / and has no spaces, as in path=/status.'",
    "path, '/a\r\nHost: b', 'path begins with / and has no spaces, as in path=/status.'",
    "port, 80, 'Unknown parameter \"port\"; known are mode, device, path, timeout and max_age.'",
  })
  void whatIsWrongIsSaid(String key, String value, String message) {
    assertThatThrownBy(() -> HealthQuestion.of(Map.of(key, value)))
        .isInstanceOf(BadQueryException.class)
        .hasMessage(message);
  }
}
