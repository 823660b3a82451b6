package dev.tailbridge.bridge.admin;

/** What was asked for is not to be had now; the message says why, as a sentence. */
public final class NoAnswerException extends Exception {
  private static final long serialVersionUID = 1;

  public NoAnswerException(String message) {
    super(message);
  }
}
