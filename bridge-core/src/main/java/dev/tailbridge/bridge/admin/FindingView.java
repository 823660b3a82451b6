package dev.tailbridge.bridge.admin;

/**
 * Something about a device that a person can mend.
 *
 * @param kind one word, for programs
 * @param text a sentence that says what it is and what to do
 * @param times how often it was seen since the bridge started
 * @param last when it was seen last, RFC 3339, UTC
 */
public record FindingView(String kind, String text, long times, String last) {}
