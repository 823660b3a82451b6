package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.EditException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes new files with secrets in them: readable by their owner alone, never over another. */
final class SecretFile {

  private SecretFile() {}

  /**
   * @throws EditException when there is such a file already, or it cannot be written
   */
  static void write(Path file, byte[] content) throws EditException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (FileAlreadyExistsException e) {
      throw new EditException(
          file + " exists already and was not touched; move it away, or name another", e);
    } catch (IOException e) {
      throw new EditException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
