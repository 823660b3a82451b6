package dev.tailbridge.bridge.config;

import org.tomlj.Toml;

/** Values as TOML writes them. */
public final class TomlText {

  private TomlText() {}

  /** A string in quotes. */
  public static String of(String value) {
    return "\"" + Toml.tomlEscape(value) + "\"";
  }
}
