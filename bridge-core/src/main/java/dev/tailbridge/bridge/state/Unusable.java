package dev.tailbridge.bridge.state;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns what the system says about a path into a line that a person can act on. */
final class Unusable {

  private Unusable() {}

  static String explain(Path where, IOException cause) {
    String reason = reason(cause);
    if (cause instanceof AccessDeniedException || reason.contains("Permission denied")) {
      return where + " cannot be used: " + ownership(where);
    }
    if (reason.contains("Read-only file system")) {
      return where + " is on a read-only file system; mount it writable, or name another state_dir";
    }
    if (reason.contains("No space left")) {
      return where + " cannot be written: the disk is full; make room, or name another state_dir";
    }
    return where + " cannot be used (" + reason + "); check it, or name another state_dir";
  }

  private static String reason(IOException cause) {
    if (cause instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** Names the owner of what is in the way: the path itself or the first parent that exists. */
  private static String ownership(Path where) {
    Path existing = where;
    while (existing.getParent() != null && Files.notExists(existing)) {
      existing = existing.getParent();
    }
    try {
      return existing
          + " belongs to "
          + Files.getOwner(existing).getName()
          + ", and the bridge runs as "
          + System.getProperty("user.name")
          + "; run: chown "
          + System.getProperty("user.name")
          + " "
          + existing
          + ", or name another state_dir";
    } catch (IOException e) {
      return "this user may not write there; name another state_dir";
    }
  }
}
