package dev.tailbridge.bridge.state;

/** The state directory cannot be used; the message says where, why, and what to do, in one line. */
public final class StateException extends Exception {
  private static final long serialVersionUID = 1;

  StateException(String message) {
    super(message);
  }

  StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
