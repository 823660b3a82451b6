package dev.tailbridge.bridge.state;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lock on a state directory: a file that the owning process keeps locked, with its id in it.
 */
final class StateLock {
  private final FileChannel channel;

  private StateLock(FileChannel channel) {
    this.channel = channel;
  }

  static StateLock acquire(Path directory) throws StateException {
    Path file = directory.resolve("lock");
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw StateDirectory.unusable(directory, e);
    }
    try {
      if (tryLock(channel) == null) {
        throw new StateException(
            "another bridge, process "
                + owner(file)
                + ", uses "
                + directory
                + "; stop it first, or give each bridge a state_dir of its own");
      }
      channel.truncate(0);
      channel.write(US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
      return new StateLock(channel);
    } catch (StateException | IOException e) {
      closeQuietly(channel);
      throw e instanceof StateException known
          ? known
          : StateDirectory.unusable(file, (IOException) e);
    }
  }

  void close() {
    closeQuietly(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it
    }
  }

  /** The file stays behind when its process is gone, but then it is not locked. */
  private static String owner(Path file) {
    try {
      String pid = Files.readString(file, US_ASCII).strip();
      return pid.isEmpty() ? "unknown" : pid;
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The lock goes with the descriptor, which is gone either way.
    }
  }
}
