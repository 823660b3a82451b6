package dev.tailbridge.tailnet.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostPlatformTest {

  private static final String GLIBC_MAPS =
      """
      7f1c-7f1d r-xp 00000000 08:01 123 /usr/lib/x86_64-linux-gnu/libc.so.6
      7f1e-7f1f r-xp 00000000 08:01 124 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
      """;
  private static final String MUSL_MAPS =
      "7f1c-7f1d r-xp 00000000 08:01 123 /lib/ld-musl-x86_64.so.1\n";

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, x86_64, linux-x86_64",
    "Linux, aarch64, linux-aarch64",
    "linux, arm64, linux-aarch64"
  })
  void supportedPlatformsHaveADirectory(String os, String arch, String directory) throws Exception {
    assertThat(new HostPlatform(os, arch, false).directoryName()).isEqualTo(directory);
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, arm, 32-bit",
    "Linux, armv7l, 32-bit",
    "Linux, i386, 32-bit",
    "Linux, x86, 32-bit",
    "Linux, riscv64, use x86_64 or aarch64",
    "Linux, s390x, use x86_64 or aarch64",
    "Mac OS X, aarch64, need Linux",
    "Windows 11, amd64, need Linux",
    "FreeBSD, amd64, need Linux"
  })
  void othersAreRefusedWithTheReason(String os, String arch, String reason) {
    assertThatThrownBy(() -> new HostPlatform(os, arch, false).directoryName())
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void muslIsRefused() {
    assertThatThrownBy(() -> new HostPlatform("Linux", "amd64", true).directoryName())
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageContaining("musl")
        .hasMessageContaining("glibc");
  }

  @Test
  void muslIsToldByWhatIsMapped() {
    assertThat(HostPlatform.isMusl(GLIBC_MAPS, false)).isFalse();
    assertThat(HostPlatform.isMusl(GLIBC_MAPS, true)).as("musl beside glibc").isFalse();
    assertThat(HostPlatform.isMusl(MUSL_MAPS, false)).isTrue();
    assertThat(HostPlatform.isMusl(MUSL_MAPS, true)).isTrue();
    assertThat(HostPlatform.isMusl("", true)).as("no /proc, only the loader to go by").isTrue();
    assertThat(HostPlatform.isMusl("", false)).isFalse();
  }

  @Test
  void thisHostIsSupported() throws Exception {
    assertThat(HostPlatform.current().directoryName()).startsWith("linux-");
  }
}
