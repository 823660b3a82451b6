package dev.tailbridge.bridge.cli;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Somebody who can be asked, or nobody. */
interface Prompt {

  /** Whether there is a terminal with somebody in front of it. */
  boolean isThere();

  /** The answer without blanks around it, empty at the end of input. */
  String ask(String question);

  /** Like {@link #ask}; what is typed is not shown. */
  String askSecret(String question);

  /** As in a pipe or under a service manager. */
  Prompt NOBODY =
      new Prompt() {
        @Override
        public boolean isThere() {
          return false;
        }

        @Override
        public String ask(String question) {
          return "";
        }

        @Override
        public String askSecret(String question) {
          return "";
        }
      };

  /** The terminal of this process, if both its input and its output are one. */
  @SuppressWarnings("SystemConsoleNull") // with that property it is null as it was before Java 22
  static Prompt ofThisProcess() {
    if (System.getProperty("jdk.console") == null) {
      System.setProperty("jdk.console", "java.base"); // Java 22 and newer find one in a pipe too
    }
    java.io.Console terminal = System.console();
    return terminal == null ? NOBODY : new Terminal(terminal);
  }

  /** A terminal. */
  record Terminal(java.io.Console terminal) implements Prompt {
    @Override
    public boolean isThere() {
      return true;
    }

    @Override
    public String ask(String question) {
      return answer(terminal.readLine("%s ", question));
    }

    @Override
    public String askSecret(String question) {
      char[] typed = terminal.readPassword("%s ", question);
      String answer = answer(typed == null ? null : String.valueOf(typed));
      if (typed != null) {
        Arrays.fill(typed, '\0');
      }
      return answer;
    }

    private static String answer(@Nullable String typed) {
      return typed == null ? "" : typed.strip();
    }
  }
}
