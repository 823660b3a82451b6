package dev.tailbridge.bridge.cli;

/**
 * One thing that the doctor looked at.
 *
 * @param what was looked at, a few words
 * @param fine whether all is well
 * @param text what was seen and, when it is not fine, what to do
 */
record Check(String what, boolean fine, String text) {

  static Check fine(String what, String text) {
    return new Check(what, true, text);
  }

  static Check problem(String what, String text) {
    return new Check(what, false, text);
  }
}
