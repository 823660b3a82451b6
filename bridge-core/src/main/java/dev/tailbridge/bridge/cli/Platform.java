package dev.tailbridge.bridge.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Whether the native parts can run here: 64-bit Linux on x86 or ARM, with glibc. */
final class Platform {
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64", "arm64");

  private Platform() {}

  /** Why the bridge cannot run on this machine and what to do, or nothing when it can. */
  static Optional<String> problemHere() {
    return problem(System.getProperty("os.name", ""), System.getProperty("os.arch", ""), maps());
  }

  /**
   * @param osName the property {@code os.name}
   * @param osArch the property {@code os.arch}
   * @param maps {@code /proc/self/maps}: what this process has loaded. A musl that is merely
   *     installed beside glibc does no harm, so its file is not what counts.
   */
  static Optional<String> problem(String osName, String osArch, String maps) {
    if (!osName.equals("Linux")) {
      return Optional.of(
          "the bridge does not run on " + osName + "; run it on 64-bit Linux (x86_64 or aarch64)");
    }
    if (!ARCHITECTURES.contains(osArch)) {
      boolean arm = osArch.startsWith("arm");
      return Optional.of(
          "the bridge does not run on "
              + (arm ? "32-bit ARM" : osArch)
              + "; "
              + (arm
                  ? "install a 64-bit system and a 64-bit Java, for instance the 64-bit Raspberry"
                      + " Pi OS"
                  : "run it on 64-bit Linux (x86_64 or aarch64)"));
    }
    if (maps.contains("/ld-musl-") || maps.contains("/libc.musl-")) {
      return Optional.of(
          "the bridge does not run with musl, the C library of Alpine Linux; use a system with"
              + " glibc, such as Debian, or a container image based on one");
    }
    return Optional.empty();
  }

  private static String maps() {
    try {
      return Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // no /proc: nothing is known against this system
    }
  }
}
