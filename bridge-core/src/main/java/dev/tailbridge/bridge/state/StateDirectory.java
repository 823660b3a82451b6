package dev.tailbridge.bridge.state;

import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/**
 * The state directory while this process owns it.
 *
 * <ul>
 *   <li>One process at a time: the lock is held from {@link #open} to {@link #close} and goes with
 *       the process, however it ends.
 *   <li>What is made here is readable by its owner alone.
 * </ul>
 *
 * <p>Layout: {@code lock}, {@code bridge.json}, {@code bridge.key}, {@code native/}, {@code
 * nodes/TAILNET/NAME/}, {@code device-keys/NAME.key}.
 */
public final class StateDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final Path path;
  private final StateLock lock;

  private StateDirectory(Path path, StateLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the directory if it is not there, locks it, and checks that it can be written.
   *
   * @throws StateException when another bridge has it or it cannot be used
   */
  public static StateDirectory open(Path path) throws StateException {
    Path absolute = path.toAbsolutePath().normalize();
    makeDirectory(absolute);
    StateLock lock = StateLock.acquire(absolute);
    try {
      makeDirectory(absolute.resolve("native"));
      makeDirectory(absolute.resolve("nodes"));
    } catch (StateException e) {
      lock.close();
      throw e;
    }
    return new StateDirectory(absolute, lock);
  }

  /** Absolute. */
  public Path path() {
    return path;
  }

  /** Where native libraries are unpacked; private to the owner. */
  public Path nativeDirectory() {
    return path.resolve("native");
  }

  /** The parent of {@code TAILNET/NAME}. */
  Path nodesDirectory() {
    return path.resolve("nodes");
  }

  /**
   * The bridge's WireGuard key out of {@code bridge.key}, which is made on the first call ever.
   *
   * @throws StateException when the file is there and holds no key: it is never replaced
   */
  public PrivateKey privateKey(SecureRandom random) throws StateException {
    Path file = privateKeyFile(path);
    try {
      if (Files.notExists(file)) {
        AtomicFile.write(file, PrivateKey.generate(random).toBase64() + "\n");
      }
    } catch (IOException e) {
      throw unusable(file, e);
    }
    return readPrivateKey(path);
  }

  /**
   * Makes a key the bridge's WireGuard key, unless it has one.
   *
   * @return whether it is now
   */
  public boolean adopt(PrivateKey key) throws StateException {
    Path file = privateKeyFile(path);
    if (Files.exists(file)) {
      return false;
    }
    try {
      AtomicFile.write(file, key.toBase64() + "\n");
      return true;
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /** Where the bridge's WireGuard key lies in a state directory. */
  public static Path privateKeyFile(Path directory) {
    return directory.resolve("bridge.key");
  }

  /**
   * The bridge's WireGuard key of a directory that another process may have locked.
   *
   * @throws StateException when the file is not there, cannot be read or holds no key
   */
  public static PrivateKey readPrivateKey(Path directory) throws StateException {
    Path file = privateKeyFile(directory);
    try {
      return PrivateKey.fromBase64(Files.readString(file).strip());
    } catch (IllegalArgumentException e) {
      throw new StateException(
          file
              + " holds no WireGuard private key; put the old one back, or remove the file for a"
              + " new key, which all devices must then be told",
          e);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /** Lets another process have the directory. */
  @Override
  public void close() {
    lock.close();
  }

  /** Makes a directory with mode 0700, and its parents; one that is there stays as it is. */
  static void makeDirectory(Path directory) throws StateException {
    FileAttribute<?> ownerOnly = PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    try {
      if (directory.getParent() != null) {
        Files.createDirectories(directory.getParent());
      }
      Files.createDirectory(directory, ownerOnly);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw new StateException(
            directory + " is not a folder; move it away, or name another state_dir", e);
      }
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  /** Says why a file or folder of the state cannot be used, and what to do. */
  static StateException unusable(Path where, IOException cause) {
    return new StateException(Unusable.explain(where, cause), cause);
  }
}
