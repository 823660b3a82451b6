package dev.tailbridge.bridge.config;

import java.util.ArrayList;
import java.util.List;
import org.tomlj.Toml;

/**
 * Where each statement of a TOML text stands, so that a change can leave everything else as it is.
 * The text was found valid before: nothing here looks for mistakes.
 */
final class TomlLayout {
  private final String text;
  private final List<Statement> statements = new ArrayList<>();
  private int at;

  private TomlLayout(String text) {
    this.text = text;
  }

  /** What a statement is. */
  enum Kind {
    TABLE,
    LIST_TABLE,
    KEY
  }

  /**
   * One statement; it begins its line.
   *
   * @param start where its line begins
   * @param valueStart where the value begins, and {@code valueEnd} where it ends; both are {@code
   *     end} for a header
   * @param end behind its last line break, or the end of the text
   */
  record Statement(Kind kind, List<String> key, int start, int valueStart, int valueEnd, int end) {

    Statement {
      key = List.copyOf(key);
    }
  }

  /** In the order of the text. */
  static List<Statement> of(String text) {
    TomlLayout layout = new TomlLayout(text);
    while (layout.at < text.length()) {
      layout.line();
    }
    return layout.statements;
  }

  private void line() {
    int start = at;
    skipBlanks();
    switch (peek()) {
      case '[' -> {
        Kind kind = text.startsWith("[[", at) ? Kind.LIST_TABLE : Kind.TABLE;
        at += kind == Kind.LIST_TABLE ? 2 : 1;
        List<String> key = keyUntil(']');
        endLine();
        statements.add(new Statement(kind, key, start, at, at, at));
      }
      case '#', '\r', '\n', '\0' -> endLine();
      default -> {
        List<String> key = keyUntil('=');
        at++;
        skipBlanks();
        int valueStart = at;
        value();
        int valueEnd = at;
        endLine();
        statements.add(new Statement(Kind.KEY, key, start, valueStart, valueEnd, at));
      }
    }
  }

  private List<String> keyUntil(char end) {
    List<String> parts = new ArrayList<>();
    while (peek() != end) {
      char c = peek();
      int start = at;
      if (c == '"' || c == '\'') {
        quoted();
        parts.add(decoded(text.substring(start, at)));
      } else if (c == '.' || c == ' ' || c == '\t') {
        at++;
      } else {
        while (".= \t]".indexOf(peek()) < 0) {
          at++;
        }
        parts.add(text.substring(start, at));
      }
    }
    return parts;
  }

  /** The string that a quoted TOML text stands for. */
  static String decoded(String quoted) {
    return String.valueOf(Toml.parse("v = " + quoted).getString("v"));
  }

  private void value() {
    char c = peek();
    if (c == '"' || c == '\'') {
      quoted();
    } else if (c == '[' || c == '{') {
      nested();
    } else {
      // A date and its time may have a blank between, so only a comment or the line ends it.
      while ("#\n\0".indexOf(peek()) < 0) {
        at++;
      }
      while (" \t\r".indexOf(text.charAt(at - 1)) >= 0) {
        at--;
      }
    }
  }

  private void nested() {
    int depth = 0;
    do {
      char c = peek();
      if (c == '"' || c == '\'') {
        quoted();
        continue;
      }
      if (c == '#') {
        endLine();
        continue;
      }
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      at++;
    } while (depth > 0);
  }

  private void quoted() {
    char quote = peek();
    String three = String.valueOf(quote).repeat(3);
    boolean many = text.startsWith(three, at);
    String end = many ? three : String.valueOf(quote);
    at += end.length();
    while (!text.startsWith(end, at)) {
      at += quote == '"' && peek() == '\\' ? 2 : 1;
    }
    at += end.length();
    // The last quotes of a text with three may belong to the text itself.
    while (many && peek() == quote) {
      at++;
    }
  }

  private void endLine() {
    int lineBreak = text.indexOf('\n', at);
    at = lineBreak < 0 ? text.length() : lineBreak + 1;
  }

  private void skipBlanks() {
    while (peek() == ' ' || peek() == '\t') {
      at++;
    }
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }
}
