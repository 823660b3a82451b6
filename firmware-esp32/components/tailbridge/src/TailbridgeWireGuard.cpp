#include "TailbridgeWireGuard.h"

#include <string.h>

// A dotted address with its zero. IPAddress::toString would take it from the heap.
static void textOf(const IPAddress &address, char (&to)[16]) {
  snprintf(to, sizeof to, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
}

bool Tailbridge::begin(const IPAddress &localIP, const IPAddress &subnet, const IPAddress &gateway,
                       const char *privateKey, const char *remotePeerAddress,
                       const char *remotePeerPublicKey, uint16_t remotePeerPort) {
  (void)gateway;
  char address[16];
  char netmask[16];
  char port[6];
  char keepalive[6];
  textOf(localIP, address);
  textOf(subnet, netmask);
  snprintf(port, sizeof port, "%u", remotePeerPort);
  snprintf(keepalive, sizeof keepalive, "%u", (unsigned)TB_DEFAULT_KEEPALIVE_S);
  const tb_part_t parts[] = {
      {TB_FIELD_ADDRESS, address},
      {TB_FIELD_NETMASK, netmask},
      {TB_FIELD_PRIVATE_KEY, privateKey},
      {TB_FIELD_PEER_KEY, remotePeerPublicKey},
      {TB_FIELD_PRESHARED_KEY, _presharedKey[0] == '\0' ? nullptr : _presharedKey},
      {TB_FIELD_HOST, remotePeerAddress},
      {TB_FIELD_PORT, port},
      {TB_FIELD_KEEPALIVE, keepalive},
  };
  return start(parts, sizeof parts / sizeof parts[0]);
}

bool Tailbridge::begin(const IPAddress &localIP, const char *privateKey,
                       const char *remotePeerAddress, const char *remotePeerPublicKey,
                       uint16_t remotePeerPort) {
  return begin(localIP, IPAddress(255, 255, 255, 0), IPAddress(0, 0, 0, 0), privateKey,
               remotePeerAddress, remotePeerPublicKey, remotePeerPort);
}

static bool explain(bool good, const tb_problem_t &problem) {
  if (!good) {
    char words[256];
    tb_problem_text(&problem, words, sizeof words);
    log_e("tailbridge: %s", words);
  }
  return good;
}

bool Tailbridge::start(const tb_part_t *parts, size_t count) {
  tb_config_t config;
  tb_problem_t problem;
  if (!explain(tb_config_from_parts(parts, count, &config, &problem), problem)) {
    return false;
  }
  // The tailnets' addresses go into the tunnel too, so that the sketch can call its callers.
  if (config.allowed_count < TB_MAX_NETWORKS) {
    config.allowed[config.allowed_count++] = {0x64400000, 10};
  }
  return begin(config);
}

bool Tailbridge::begin(const char *configuration) {
  tb_config_t config;
  tb_problem_t problem;
  bool good = tb_config_read(configuration, strlen(configuration), &config, &problem);
  return explain(good, problem) && begin(config);
}

bool Tailbridge::begin(const tb_config_t &configuration) {
  if (_running) {
    log_e("tailbridge: it runs already: end() it first");
    return false;
  }
  _config = configuration;
  esp_err_t error = tb_start(&_config);
  if (error != ESP_OK) {
    log_e("tailbridge: it does not start: %s", esp_err_to_name(error));
  }
  _running = error == ESP_OK;
  return _running;
}

void Tailbridge::setPresharedKey(const char *key) {
  snprintf(_presharedKey, sizeof _presharedKey, "%s", key == nullptr ? "" : key);
}

void Tailbridge::end() {
  if (_running) {
    tb_stop();
    _running = false;
  }
}

void Tailbridge::dump_config() const {
  Serial.printf("tailbridge %s: %s, bridge at %s:%u, keepalive %u s\n", _config.name,
                isConnected() ? "up" : "down", _config.endpoints[0].host,
                (unsigned)_config.endpoints[0].port, (unsigned)_config.keepalive_s);
}
