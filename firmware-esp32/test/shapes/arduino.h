// The Arduino core for the ESP32: what the library and its sketches use. Hand-written; see README.md.
#ifndef SHAPES_ARDUINO_H
#define SHAPES_ARDUINO_H

#include <stdio.h>
#include <string.h>

#include "idf.h"

#define log_e(format, ...) esp_log_shape("", format, ##__VA_ARGS__)

class IPAddress {
 public:
  IPAddress(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
  explicit IPAddress(const char *text);
  uint8_t operator[](int index) const;
};

class SerialShape {
 public:
  void begin(unsigned long baud);
  void println(const char *text);
  size_t printf(const char *format, ...) __attribute__((format(printf, 2, 3)));
};
extern SerialShape Serial;

enum { WL_CONNECTED = 3 };
class WiFiShape {
 public:
  bool mode(wifi_mode_t mode);
  bool setAutoReconnect(bool on);
  int begin(const char *ssid, const char *password);
  int status();
};
extern WiFiShape WiFi;
#define WIFI_STA WIFI_MODE_STA

void delay(uint32_t ms);
void configTime(long gmtOffset, int daylightOffset, const char *server1, const char *server2 = nullptr,
                const char *server3 = nullptr);

#endif
