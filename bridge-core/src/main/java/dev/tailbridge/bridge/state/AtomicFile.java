package dev.tailbridge.bridge.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Replaces a file so that a crash at any moment leaves the old content or the new, whole. What is
 * written is readable by its owner alone, unless it is said otherwise.
 */
public final class AtomicFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private AtomicFile() {}

  /** Writes {@code content}; on return it has reached the disk. */
  public static void write(Path file, String content) throws IOException {
    replace(file, writeBeside(file, content));
  }

  /**
   * Like {@link #write(Path, String)} for a file that is there and is somebody's own: who owns it
   * and who may read it stays, as far as this process is allowed to give a file away.
   */
  public static void rewrite(Path file, String content) throws IOException {
    Path written = writeBeside(file, content);
    try {
      if (!Files.getOwner(written).equals(Files.getOwner(file))) {
        Files.setOwner(written, Files.getOwner(file));
      }
    } catch (FileSystemException e) {
      // Only root gives files away; anybody else who may write here becomes the owner.
    }
    // Last, because a change of owner takes rights away.
    Files.setPosixFilePermissions(written, Files.getPosixFilePermissions(file));
    replace(file, written);
  }

  private static void replace(Path file, Path written) throws IOException {
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(file.resolveSibling("."));
  }

  /**
   * Like {@link #write}; what was there before becomes {@code backup}. At no moment there is no
   * file: else a process that is killed would go back by a change that had been whole.
   */
  static void write(Path file, String content, Path backup) throws IOException {
    Path written = writeBeside(file, content);
    if (Files.exists(file)) {
      keep(file, backup);
    }
    replace(file, written);
  }

  /** Gives the file a second name. */
  private static void keep(Path file, Path backup) throws IOException {
    Path second = backup.resolveSibling(backup.getFileName() + ".tmp");
    Files.deleteIfExists(second);
    try {
      Files.createLink(second, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(file, second, StandardCopyOption.COPY_ATTRIBUTES); // as on FAT
    }
    Files.move(second, backup, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    // Still there if both were names of one file, of which a rename makes nothing.
    Files.deleteIfExists(second);
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
            PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    return temporary;
  }
}
