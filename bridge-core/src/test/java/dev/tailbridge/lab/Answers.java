package dev.tailbridge.lab;

import com.google.gson.JsonObject;

/** Reads what the lab's commands answer. */
public final class Answers {

  private Answers() {}

  /** Whether the question was answered, and with what one hopes for. */
  public static boolean fine(JsonObject answer) {
    return !answer.has("error")
        && is(answer, "result", "ok")
        && is(answer, "ok", "true")
        && is(answer, "status", "200");
  }

  /** A field that an answer does not have says nothing against it. */
  private static boolean is(JsonObject answer, String field, String wanted) {
    return !answer.has(field) || answer.get(field).getAsString().equals(wanted);
  }
}
