// What sketches for the libraries that ours stands in for do with them: esp32-tailbridge's EspWireGuard
// and ciniml's WireGuard. Only the include is ours.
#include <Arduino.h>
#include <TailbridgeWireGuard.h>
#include <WiFi.h>

static EspWireGuard wg;
static WireGuard another;

static const IPAddress LOCAL_IP("10.6.0.2");
static const IPAddress SUBNET("255.255.255.255");
static const IPAddress GATEWAY("192.168.1.1");
static const char *PRIVATE_KEY = "a";
static const char *ENDPOINT_ADDRESS = "192.0.2.1";
static const char *ENDPOINT_PUBLIC_KEY = "b";
static const uint16_t ENDPOINT_PORT = 51820;

void setup() {
  WiFi.begin("SSID", "PASSWORD");
  configTime(0, 0, "ntp.jst.mfeed.ad.jp", "ntp.nict.jp", "time.google.com");
  bool ret = wg.begin(LOCAL_IP, SUBNET, GATEWAY, PRIVATE_KEY, ENDPOINT_ADDRESS, ENDPOINT_PUBLIC_KEY,
                      ENDPOINT_PORT);
  if (ret) {
    wg.dump_config();
  }
  wg.end();
  if (!another.is_initialized()) {
    another.begin(LOCAL_IP, PRIVATE_KEY, ENDPOINT_ADDRESS, ENDPOINT_PUBLIC_KEY, ENDPOINT_PORT);
  }
  another.end();
}

void loop() {}
