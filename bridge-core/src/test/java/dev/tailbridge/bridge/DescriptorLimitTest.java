package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorLimitTest {

  private static String problem(String limit, int nodes) {
    return DescriptorLimit.problem(
        Stream.of(
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max processes             95984                95984                processes ",
            "Max open files            " + limit + "                " + limit + "      files     "),
        nodes);
  }

  @Test
  void tooFewAreToldWithTheRemedy() {
    assertThat(problem("1024", 200))
        .startsWith("this process may have 1024 files open, and 200 devices")
        .contains("want 2200", "LimitNOFILE=65536", "--ulimit nofile=65536", "ulimit -n 65536");
  }

  @ParameterizedTest
  @CsvSource({"1024, 82", "2200, 200", "65536, 1000", "unlimited, 1000"})
  void enoughAreNot(String limit, int nodes) {
    assertThat(problem(limit, nodes)).isNull();
  }

  @Test
  void oneMoreThanTheLimitAllowsIsTooMany() {
    assertThat(problem("1024", 83)).isNotNull();
  }

  @Test
  void thisMachineTellsItsLimit() {
    assertThat(DescriptorLimit.problem(Integer.MAX_VALUE / 20)).contains("this process may have ");
  }
}
