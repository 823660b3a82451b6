package dev.tailbridge.tailnet.control;

/** What Java may ask the Go library, by the type byte of its frame. */
public enum RequestType {
  START(1, "start"),
  STOP(2, "stop"),
  STATUS(3, "status"),
  WHOIS(4, "whois"),
  PING(5, "ping"),
  QUERY_DNS(6, "DNS query"),
  LOGOUT(7, "logout"),
  SET_WANT_RUNNING(8, "set want-running"),
  CERTIFICATE(9, "certificate"),
  RUNTIME(10, "runtime");

  private final int code;
  private final String label;

  RequestType(int code, String label) {
    this.code = code;
    this.label = label;
  }

  /** The type byte. */
  int code() {
    return code;
  }

  @Override
  public String toString() {
    return label;
  }
}
