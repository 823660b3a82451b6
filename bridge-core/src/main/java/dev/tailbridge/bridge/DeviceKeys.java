package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.state.AtomicFile;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The private keys of devices whose owner wants the bridge to keep them: {@code
 * STATE_DIR/device-keys/NAME.key}, readable by their owner alone. The bridge itself needs none of
 * them.
 */
public final class DeviceKeys {
  private final Path folder;

  /**
   * @param stateDir of the bridge
   */
  public DeviceKeys(Path stateDir) {
    this.folder = stateDir.resolve("device-keys");
  }

  /** Where the key of the device of that name lies, or would lie. */
  public Path file(String device) {
    return folder.resolve(device + ".key");
  }

  /** Keeps a device's key, in the place of another that it had before. */
  public void store(String device, PrivateKey key) throws EditException {
    try {
      if (Files.notExists(folder)) {
        Files.createDirectories(folder.getParent());
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      AtomicFile.write(file(device), key.toBase64() + "\n");
    } catch (IOException e) {
      throw new EditException(
          "the private key cannot be kept: " + file(device) + " cannot be written", e);
    }
  }

  /** The device's key, if it is kept and is the one to {@code publicKey}. */
  public Optional<PrivateKey> find(String device, PublicKey publicKey) {
    try {
      PrivateKey key = PrivateKey.fromBase64(Files.readString(file(device)).strip());
      return key.publicKey().equals(publicKey) ? Optional.of(key) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Erases the device's key.
   *
   * @return whether one was kept
   */
  public boolean forget(String device) throws EditException {
    try {
      return Files.deleteIfExists(file(device));
    } catch (IOException e) {
      throw new EditException(file(device) + " cannot be removed; remove it by hand", e);
    }
  }
}
