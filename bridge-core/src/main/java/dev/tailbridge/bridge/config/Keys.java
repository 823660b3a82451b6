package dev.tailbridge.bridge.config;

import java.util.Locale;
import java.util.function.Function;

/** Reads WireGuard keys; their own parsers say what is wrong without quoting the key. */
final class Keys {

  private Keys() {}

  static <K> K parse(Function<String, K> parser, String text) throws BadValueException {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new BadValueException(
          message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1));
    }
  }
}
