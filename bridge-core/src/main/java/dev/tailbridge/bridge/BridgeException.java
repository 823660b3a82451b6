package dev.tailbridge.bridge;

/** The bridge cannot start; the message is one line that says why and what to do. */
public final class BridgeException extends Exception {
  private static final long serialVersionUID = 1;

  BridgeException(String message, Throwable cause) {
    super(message, cause);
  }
}
