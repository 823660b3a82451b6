package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlatformTest {
  private static final String GLIBC =
      """
      7f0-7f1 r-xp 00000000 08:01 1 /usr/lib/x86_64-linux-gnu/libc.so.6
      7f2-7f3 r-xp 00000000 08:01 2 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
      """;

  @ParameterizedTest
  @CsvSource({"amd64", "x86_64", "aarch64", "arm64"})
  void sixtyFourBitLinuxWithGlibc(String arch) {
    assertThat(Platform.problem("Linux", arch, GLIBC)).isEmpty();
  }

  @Test
  void musl() {
    String maps = "7f0-7f1 r-xp 00000000 08:01 1 /lib/ld-musl-x86_64.so.1\n";
    assertThat(Platform.problem("Linux", "amd64", maps))
        .contains(
            "the bridge does not run with musl, the C library of Alpine Linux; use a system with"
                + " glibc, such as Debian, or a container image based on one");
    assertThat(Platform.problem("Linux", "amd64", maps.replace("ld-musl", "libc.musl")))
        .isPresent();
  }

  @Test
  void thirtyTwoBitArm() {
    assertThat(Platform.problem("Linux", "arm", GLIBC))
        .contains(
            "the bridge does not run on 32-bit ARM; install a 64-bit system and a 64-bit Java, for"
                + " instance the 64-bit Raspberry Pi OS");
  }

  @ParameterizedTest
  @CsvSource({
    "Mac OS X, aarch64, Mac OS X",
    "Windows 11, amd64, Windows 11",
    "Linux, riscv64, riscv64"
  })
  void otherSystems(String name, String arch, String shown) {
    assertThat(Platform.problem(name, arch, GLIBC))
        .contains(
            "the bridge does not run on " + shown + "; run it on 64-bit Linux (x86_64 or aarch64)");
  }

  @Test
  void theMachineThatBuildsIsOneThatRuns() {
    assertThat(Platform.problemHere()).isEmpty();
  }
}
