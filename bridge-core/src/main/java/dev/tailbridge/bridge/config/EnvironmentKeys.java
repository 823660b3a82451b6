package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.regex.Pattern;

/** WireGuard keys in hex, as wireguard-go's own interface has them, or in base64, as all else. */
final class EnvironmentKeys {
  private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]{64}");

  private EnvironmentKeys() {}

  static PrivateKey privateKey(String text) throws BadValueException {
    return key(text, PrivateKey::of, PrivateKey::fromBase64);
  }

  static PublicKey publicKey(String text) throws BadValueException {
    return key(text, PublicKey::of, PublicKey::fromBase64);
  }

  static PresharedKey presharedKey(String text) throws BadValueException {
    return key(text, PresharedKey::of, PresharedKey::fromBase64);
  }

  private static <K> K key(String text, Function<byte[], K> bytes, Function<String, K> base64)
      throws BadValueException {
    return HEX.matcher(text).matches()
        ? Keys.parse(hex -> bytes.apply(HexFormat.of().parseHex(hex)), text)
        : Keys.parse(base64, text);
  }
}
