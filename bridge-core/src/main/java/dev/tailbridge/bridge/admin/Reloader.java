package dev.tailbridge.bridge.admin;

import java.util.List;

/** Loads the configuration again. Called on the admin side's threads; waits until it is done. */
@FunctionalInterface
public interface Reloader {

  ReloadView reload() throws NotReloadedException;

  /** Nothing was loaded; the bridge goes on as before. */
  final class NotReloadedException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    /**
     * @param problems with the configuration, a line each; none when that is not the cause
     */
    public NotReloadedException(String message, List<String> problems) {
      super(message);
      this.problems = List.copyOf(problems);
    }

    List<String> problems() {
      return problems;
    }
  }
}
