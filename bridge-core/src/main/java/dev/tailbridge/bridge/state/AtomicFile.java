package dev.tailbridge.bridge.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Replaces a file so that a crash at any moment leaves the old content or the new, whole. What is
 * written is readable by its owner alone.
 */
final class AtomicFile {

  private AtomicFile() {}

  /** Writes {@code content}; on return it has reached the disk. */
  static void write(Path file, String content) throws IOException {
    Files.move(
        writeBeside(file, content),
        file,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    sync(file.resolveSibling("."));
  }

  /** Like {@link #write}; what was there before becomes {@code backup}. */
  static void write(Path file, String content, Path backup) throws IOException {
    Path written = writeBeside(file, content);
    if (Files.exists(file)) {
      Files.move(file, backup, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    // A crash here leaves no file but a whole backup, which the next start reads.
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    sync(file.resolveSibling("."));
  }

  /** Makes renames within a directory durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path writeBeside(Path file, String content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary); // a crash left it, perhaps with other permissions
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    return temporary;
  }
}
