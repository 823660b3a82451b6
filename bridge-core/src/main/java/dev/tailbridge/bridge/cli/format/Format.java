package dev.tailbridge.bridge.cli.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The forms in which a device's configuration can be had. */
public enum Format {
  WG_QUICK(".conf"),
  ESPHOME(".yaml"),
  TASMOTA(".conf"),
  ARDUINO(".h"),
  ESP_IDF(".csv"),
  QR(".png"),
  JSON(".json");

  private final String ending;

  Format(String ending) {
    this.ending = ending;
  }

  /** As users write it, {@code esp-idf}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Format> of(String word) {
    return Arrays.stream(values()).filter(format -> format.word().equals(word)).findAny();
  }

  /** What to append to a device's name for the name of a file. */
  public String ending() {
    return ending;
  }

  /** For a terminal; whole lines. */
  public String text(Provision device) {
    return switch (this) {
      case WG_QUICK -> WgQuick.text(device);
      case ESPHOME -> EspHome.text(device);
      case TASMOTA -> Tasmota.text(device);
      case ARDUINO -> Arduino.text(device);
      case ESP_IDF -> EspIdf.text(device);
      case QR -> QrCode.of(WgQuick.text(device)).blocks();
      case JSON -> JsonText.of(device) + "\n";
    };
  }

  /** For a file: the text in UTF-8, or a picture. */
  public byte[] bytes(Provision device) {
    return this == QR
        ? QrCode.of(WgQuick.text(device)).png()
        : text(device).getBytes(StandardCharsets.UTF_8);
  }
}
