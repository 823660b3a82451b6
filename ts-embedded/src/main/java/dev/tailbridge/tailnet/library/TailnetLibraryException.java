package dev.tailbridge.tailnet.library;

/**
 * The Go library cannot be used here. The message is one line that says why and what to do; it is
 * meant for the person who started the program.
 */
public final class TailnetLibraryException extends Exception {

  public TailnetLibraryException(String message) {
    super(message);
  }

  public TailnetLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
