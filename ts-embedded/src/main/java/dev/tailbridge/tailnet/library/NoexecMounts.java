package dev.tailbridge.tailnet.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Finds out beforehand whether native code in a directory could be mapped. Without it the first
 * native library that is unpacked there, JNA's own, fails with a message that helps nobody.
 */
public final class NoexecMounts {

  private NoexecMounts() {}

  /**
   * Refuses a directory on a file system that is mounted noexec.
   *
   * @param directory an existing directory
   * @throws TailnetLibraryException naming the directory, the mount and the remedy
   */
  public static void refuse(Path directory) throws TailnetLibraryException {
    Path real;
    List<String> mounts;
    try {
      real = directory.toRealPath();
      mounts = Files.readAllLines(Path.of("/proc/self/mountinfo"));
    } catch (IOException e) {
      return; // Loading says it then, less kindly.
    }
    Optional<String> mount = noexecMountOf(real, mounts);
    if (mount.isPresent()) {
      throw new TailnetLibraryException(message(directory, mount.get()));
    }
  }

  static String message(Path directory, String mount) {
    return directory
        + ": native code cannot be loaded from here, because "
        + mount
        + " is mounted with the option noexec: mount it with exec, or put state_dir on another file"
        + " system";
  }

  /**
   * Returns the mount point over {@code directory} if it is mounted noexec.
   *
   * @param mountinfo lines of {@code /proc/self/mountinfo}, see proc(5)
   */
  static Optional<String> noexecMountOf(Path directory, List<String> mountinfo) {
    Path over = null;
    boolean noexec = false;
    for (String line : mountinfo) {
      String[] fields = line.split(" ");
      if (fields.length < 6) {
        continue;
      }
      Path point = Path.of(unescape(fields[4]));
      boolean deeper = over == null || point.getNameCount() >= over.getNameCount();
      // Among mounts on one point the last line is the one on top.
      if (directory.startsWith(point) && deeper) {
        over = point;
        noexec = List.of(fields[5].split(",")).contains("noexec");
      }
    }
    return noexec && over != null ? Optional.of(over.toString()) : Optional.empty();
  }

  /** The kernel writes space, tab, newline and backslash as three octal digits. */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
