package dev.tailbridge.tailnet.library;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What this process runs on, as far as the Go library cares.
 *
 * @param os the {@code os.name} of the JVM
 * @param arch its {@code os.arch}
 * @param musl whether the C library of this process is musl: Go's c-shared libraries crash in it
 */
record HostPlatform(String os, String arch, boolean musl) {

  /** Reads the platform of this process. */
  static HostPlatform current() {
    return new HostPlatform(
        System.getProperty("os.name", ""),
        System.getProperty("os.arch", ""),
        isMusl(mapsOfThisProcess(), muslLoaderInstalled(Path.of("/lib"))));
  }

  /**
   * Decides by what is mapped into the process; the loader in {@code /lib} counts only where the
   * maps say nothing, because a glibc system may have musl installed beside it.
   *
   * @param maps the text of {@code /proc/self/maps}, empty when it cannot be read
   */
  static boolean isMusl(String maps, boolean loaderInstalled) {
    if (maps.contains("/ld-musl-") || maps.contains("/libc.musl-")) {
      return true;
    }
    boolean glibc = maps.contains("/libc.so.6") || maps.contains("/libc-2.");
    return !glibc && loaderInstalled;
  }

  /**
   * Names the directory of this platform's library, {@code linux-x86_64} or {@code linux-aarch64}.
   *
   * @throws TailnetLibraryException when there is none, with the remedy
   */
  String directoryName() throws TailnetLibraryException {
    if (!os.toLowerCase(Locale.ROOT).startsWith("linux")) {
      throw new TailnetLibraryException(
          "tailnet nodes need Linux, this is "
              + os
              + ": run the bridge in a Linux container or virtual machine");
    }
    String name =
        switch (arch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "linux-x86_64";
          case "aarch64", "arm64" -> "linux-aarch64";
          case "arm", "aarch32", "armv6l", "armv7l", "armhf", "x86", "i386", "i586", "i686" ->
              throw new TailnetLibraryException(
                  "tailnet nodes need a 64-bit system, this JVM is 32-bit ("
                      + arch
                      + "): install a 64-bit operating system and JVM; every Raspberry Pi from"
                      + " model 3 on can run one");
          default ->
              throw new TailnetLibraryException(
                  "there is no Go library for the architecture "
                      + arch
                      + ": use x86_64 or aarch64, or build the library for it and name it with"
                      + " -Dtailbridge.library=PATH");
        };
    if (musl) {
      throw new TailnetLibraryException(
          "this system's C library is musl (Alpine), in which Go libraries crash: use a glibc"
              + " system or image, such as Debian's");
    }
    return name;
  }

  private static String mapsOfThisProcess() {
    try {
      return Files.readString(Path.of("/proc/self/maps"));
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean muslLoaderInstalled(Path lib) {
    try (DirectoryStream<Path> loaders = Files.newDirectoryStream(lib, "ld-musl-*")) {
      return loaders.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }
}
