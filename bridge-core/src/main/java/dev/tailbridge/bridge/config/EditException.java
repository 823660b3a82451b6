package dev.tailbridge.bridge.config;

/** A change that cannot be made; the message is a line for the user. */
public final class EditException extends Exception {
  private static final long serialVersionUID = 1;

  public EditException(String message) {
    super(message);
  }

  public EditException(String message, Throwable cause) {
    super(message, cause);
  }
}
