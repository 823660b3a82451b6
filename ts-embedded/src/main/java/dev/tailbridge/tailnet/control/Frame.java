package dev.tailbridge.tailnet.control;

import com.google.gson.JsonObject;

/**
 * One frame from the Go library.
 *
 * @param type the type byte: {@link #ANSWER} or an event's
 * @param requestId whose answer it is; 0 for events
 */
record Frame(int type, int requestId, JsonObject body) {

  /** The largest length field that is accepted or sent, in bytes. */
  static final int MAX_LENGTH = 1 << 20;

  /** The type byte and the request id: the least that the length field can say. */
  static final int MIN_LENGTH = 1 + 4;

  static final int ANSWER = 64;
  static final int STATUS_EVENT = 65;
  static final int LOG_EVENT = 66;
  static final int ENDED_EVENT = 67;
}
