// "Hello from ESP32!" in a tailnet, with /status and /metrics.
//
//   bridge device show NAME --format arduino > src/tailbridge_secrets.h
//   pio run -e esp32c3 -t upload -t monitor
#include <Arduino.h>
#include <TailbridgeWireGuard.h>
#include <WiFi.h>

#include "tailbridge_secrets.h"
#include "tailbridge_secrets_config.h"

static const char *const WIFI_NAME = "my-wifi";
static const char *const WIFI_PASSWORD = "my-password";

static Tailbridge wg;

void setup() {
  Serial.begin(115200);
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);

  tb_config_t config;
  tb_problem_t problem;
  if (!tailbridge_secrets_config(&config, &problem)) {
    char words[256];
    tb_problem_text(&problem, words, sizeof words);
    Serial.println(words);
    return;
  }
  tb_serve(80, "Hello from ESP32!\n", "hello-0.1.0");
  // It waits for the Wi-Fi by itself, and comes back by itself.
  if (!wg.begin(config)) {
    Serial.println("tailbridge does not start; the log says why");
  }
}

void loop() {
  wg.dump_config();
  delay(10000);
}
