package dev.tailbridge.bridge.config;

import java.util.Set;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/** Values as TOML writes them. */
public final class TomlText {

  private TomlText() {}

  /** A string in quotes. */
  public static String of(String value) {
    return "\"" + Toml.tomlEscape(value) + "\"";
  }

  /** What somebody wrote for a value: {@code 4} and {@code ["a"]} as they are, a word in quotes. */
  public static String ofWritten(String written) {
    TomlParseResult asValue = Toml.parse("v = " + written);
    boolean one = !asValue.hasErrors() && asValue.keySet().equals(Set.of("v"));
    return one && written.indexOf('\n') < 0 && written.indexOf('#') < 0 ? written : of(written);
  }
}
