package dev.tailbridge.bridge.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Relative paths in the file start at the file's own folder. */
final class Paths {

  private Paths() {}

  /** Absolute; what is relative starts at the folder where the bridge was started. */
  static Path absolute(String written) throws BadValueException {
    try {
      return Path.of(written).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new BadValueException("is not a possible path");
    }
  }

  /** Absolute and without {@code ..}; {@code file} is the configuration. */
  static Path resolve(Path file, String written) throws BadValueException {
    if (written.isEmpty()) {
      throw new BadValueException("is empty; write a path");
    }
    try {
      return file.toAbsolutePath().resolveSibling(written).normalize();
    } catch (InvalidPathException e) {
      throw new BadValueException("is not a possible path");
    }
  }
}
