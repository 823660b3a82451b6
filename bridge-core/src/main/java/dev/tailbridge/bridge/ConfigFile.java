package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceEditor;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.bridge.config.Problem;
import dev.tailbridge.bridge.state.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A {@code devices.toml} that commands change.
 *
 * <ul>
 *   <li>The new text is checked before it replaces the old one, whole: whoever reads the file, and
 *       whenever the machine stops, there is a valid configuration.
 *   <li>Changes wait for one another, in this process and between processes, so none is lost.
 *   <li>Links stay links; owner and permissions stay.
 * </ul>
 */
public final class ConfigFile {
  private final Path file;
  private final Function<String, @Nullable String> environment;

  /**
   * @param environment gives the value of an environment variable, or null
   */
  public ConfigFile(Path file, Function<String, @Nullable String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /** What is to become of the file. */
  public interface Change {
    /**
     * @param current what the file says now
     * @throws EditException when it cannot be; the file then stays as it is
     */
    DeviceEditor apply(DeviceEditor editor, BridgeConfig current) throws EditException;
  }

  /**
   * Changes the file; on return the new one has reached the disk.
   *
   * @return what it says now
   * @throws ConfigException when the file was not valid before
   * @throws EditException when the change cannot be made; nothing happened then
   */
  public LoadedConfig change(Change change) throws ConfigException, EditException {
    ConfigReader.read(file, environment); // its problems are better ones than those of opening it
    synchronized (ConfigFile.class) { // the system refuses a second lock of the same process
      try {
        Path real = file.toRealPath();
        FileChannel locked = lock(real);
        try {
          String text = Files.readString(real);
          LoadedConfig current = ConfigReader.check(file, text, environment);
          String changed = change.apply(DeviceEditor.of(text), current.config()).text();
          LoadedConfig result = checked(changed);
          AtomicFile.rewrite(real, changed);
          return result;
        } finally {
          locked.close();
        }
      } catch (AccessDeniedException e) {
        throw new EditException(
            file
                + " cannot be changed by this user; run the command as the user who owns it, or"
                + " change it by hand",
            e);
      } catch (IOException e) {
        throw new EditException(file + " cannot be changed: " + e.getMessage(), e);
      }
    }
  }

  private LoadedConfig checked(String changed) throws EditException {
    try {
      return ConfigReader.check(file, changed, environment);
    } catch (ConfigException e) {
      // Lines and columns are those of a text that nobody will ever see.
      throw new EditException(
          e.problems().stream().map(Problem::message).collect(Collectors.joining("; ")), e);
    }
  }

  /** The lock is on what is replaced: whoever waited for it looks whether it is the file still. */
  private static FileChannel lock(Path real) throws IOException {
    while (true) {
      Object before = fileKey(real);
      FileChannel channel =
          FileChannel.open(real, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (channel.lock().isValid() && Objects.equals(before, fileKey(real))) {
          return channel;
        }
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      channel.close();
    }
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }
}
