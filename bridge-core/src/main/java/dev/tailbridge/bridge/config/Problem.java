package dev.tailbridge.bridge.config;

/**
 * One thing that is wrong, or doubtful, in a configuration file, with its remedy.
 *
 * @param file as the user named it
 * @param line 1 is the first; 0 when the problem is the file as a whole
 * @param column 1 is the first
 * @param message one line, never with a secret in it
 */
public record Problem(String file, int line, int column, String message) {

  @Override
  public String toString() {
    return line == 0 ? file + ": " + message : file + ":" + line + ":" + column + ": " + message;
  }
}
