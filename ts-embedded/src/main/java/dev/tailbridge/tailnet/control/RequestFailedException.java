package dev.tailbridge.tailnet.control;

/**
 * A request to the Go library that was refused, not answered in time, or cut off. The message is
 * one line that names the request.
 */
public final class RequestFailedException extends Exception {

  /** Why, as far as a caller may want to know without reading the message. */
  public enum Cause {
    /** The library answered with an error. */
    REFUSED,
    /** No answer before the deadline. */
    TIMED_OUT,
    /** The control connection is closed: all nodes are down. */
    DISCONNECTED,
    /** More requests are waiting than the connection takes. */
    OVERLOADED,
    /** The answer was not of the form that the protocol gives it. */
    MALFORMED
  }

  private final Cause kind;

  public RequestFailedException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Cause kind() {
    return kind;
  }
}
