#include <string.h>

#include "check.h"
#include "tb_config.h"
#include "tests.h"

#define PRIVATE_KEY "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define PEER_KEY "zo060cy2M+x7cMF4FKXHbs0CloUFDTRHRboFhw5YfVk="
#define PSK "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="

static bool read_text(const char *text, tb_config_t *config, tb_problem_t *problem) {
  return tb_config_read(text, strlen(text), config, problem);
}

static void check_greenhouse(const char *name, int networks, bool named) {
  tb_config_t config;
  tb_problem_t problem;
  const golden_t *file = golden(name);
  CHECK(tb_config_read(file->text, file->length, &config, &problem));
  CHECK_NUMBER(problem.code, TB_OK);
  CHECK_TEXT(config.name, named ? "green-house" : "");
  CHECK_NUMBER(config.address, 0x0a060007);
  CHECK_NUMBER(config.prefix, 24);
  CHECK_TEXT(config.private_key, PRIVATE_KEY);
  CHECK_TEXT(config.peer_key, PEER_KEY);
  CHECK_TEXT(config.preshared_key, PSK);
  CHECK_NUMBER(config.endpoint_count, 1);
  CHECK_TEXT(config.endpoints[0].host, "bridge.example.net");
  CHECK_NUMBER(config.endpoints[0].port, 51820);
  CHECK_NUMBER(config.keepalive_s, 25);
  CHECK_NUMBER(config.allowed_count, networks);
  CHECK_NUMBER(config.allowed[0].address, 0x0a060000);
  CHECK_NUMBER(config.allowed[0].prefix, 24);
  if (networks > 1) {
    CHECK_NUMBER(config.allowed[1].address, 0x64400000);
    CHECK_NUMBER(config.allowed[1].prefix, 10);
  }
  CHECK_NUMBER(tb_config_bridge(&config), 0x0a060001);
}

static tb_problem_code_t problem_of(const char *name) {
  tb_config_t config;
  tb_config_t zero;
  tb_problem_t problem;
  const golden_t *file = golden(name);
  memset(&zero, 0, sizeof zero);
  CHECK(!tb_config_read(file->text, file->length, &config, &problem));
  CHECK(memcmp(&config, &zero, sizeof zero) == 0);
  return problem.code;
}

void test_goldens(void) {
  check_greenhouse("wg-quick", 2, true);
  check_greenhouse("tasmota", 1, false);
  check_greenhouse("arduino", 2, true);
  check_greenhouse("esp-idf", 2, true);
  check_greenhouse("json", 2, true);
  /* Only the owner of these has the private key. */
  CHECK_NUMBER(problem_of("wg-quick-least"), TB_BAD_PLACEHOLDER);
  CHECK_NUMBER(problem_of("tasmota-least"), TB_BAD_PLACEHOLDER);
  CHECK_NUMBER(problem_of("arduino-least"), TB_BAD_PLACEHOLDER);
  CHECK_NUMBER(problem_of("esp-idf-least"), TB_BAD_PLACEHOLDER);
  CHECK_NUMBER(problem_of("json-least"), TB_BAD_MISSING);
  CHECK_NUMBER(problem_of("esphome"), TB_BAD_ESPHOME);
  CHECK_NUMBER(problem_of("esphome-least"), TB_BAD_ESPHOME);
}

#define INTERFACE "[Interface]\nPrivateKey = " PRIVATE_KEY "\nAddress = 10.6.0.7/24\n"
#define PEER "[Peer]\nPublicKey = " PEER_KEY "\n"

static void check_problem(const char *text, const char *wanted) {
  tb_config_t config;
  tb_problem_t problem;
  char words[256];
  CHECK(!read_text(text, &config, &problem));
  tb_problem_text(&problem, words, sizeof words);
  CHECK_TEXT(words, wanted);
}

void test_problems(void) {
  check_problem("",
                "the configuration has no known format: give what `bridge device show NAME --format "
                "wg-quick` prints, or arduino, esp-idf, json or tasmota");
  check_problem("[Interface]\nPrivateKey = AAAA\n",
                "line 2: the private key is not as the bridge prints it: take the text anew from "
                "`bridge device show`");
  check_problem("[Interface]\nPrivateKey = PRIVATE-KEY-OF-ME\n",
                "line 2: the private key is missing: put the device's own key in place of "
                "PRIVATE-KEY-OF-...");
  check_problem(INTERFACE PEER "AllowedIPs = 10.6.0.0/24, 0.0.0.0/0\n",
                "line 6: the allowed IPs would send everything into the tunnel, the time too that "
                "the tunnel needs: give the bridge's network instead of 0.0.0.0");
  check_problem(INTERFACE PEER "Endpoint = a:1\nPublicKey = " PEER_KEY "\n",
                "line 7: the bridge's public key stands there twice: keep one");
  check_problem(INTERFACE PEER "Endpoint = a:1\nEndpoint = b:1\nEndpoint = c:1\nEndpoint = d:1\n"
                               "Endpoint = e:1\n",
                "line 10: the endpoint: four at most");
  check_problem(INTERFACE PEER, "the endpoint is missing");
  check_problem(INTERFACE "rubbish\n",
                "line 4: the configuration cannot be read here: take the text anew from `bridge "
                "device show`");
  check_problem(INTERFACE PEER "Endpoint = a:1\n" PEER,
                "line 7: the configuration cannot be read here: take the text anew from `bridge "
                "device show`");
  check_problem("wireguard:\n  address: 10.6.0.7\n",
                "the configuration is for ESPHome: this firmware takes `--format wg-quick`, arduino, "
                "esp-idf or json");
  check_problem(INTERFACE PEER "Endpoint = a:1\n[Tasmota]\nNetmask = 0.0.0.0\n",
                "line 8: the netmask would send everything into the tunnel, the time too that the "
                "tunnel needs: give the bridge's network instead of 0.0.0.0");
  static char longest[TB_MAX_CONFIG_TEXT + 2];
  memset(longest, '\n', sizeof longest - 1);
  check_problem(longest, "the configuration is longer than 4096 bytes: give one device's text alone");
  check_problem("{\"name\":\"a\",\"address\":\"10.6.0.7\"",
                "line 1: the configuration cannot be read here: take the text anew from `bridge "
                "device show`");
}

static bool good(const char *text) {
  tb_config_t config;
  tb_problem_t problem;
  return read_text(text, &config, &problem);
}

#define WITH_ENDPOINT(endpoint) INTERFACE PEER "Endpoint = " endpoint "\n"
#define JSON_START                                                      \
  "{\"address\":\"10.6.0.7\",\"privateKey\":\"" PRIVATE_KEY "\"," \
  "\"bridgePublicKey\":\"" PEER_KEY "\",\"endpoint\":"

void test_config_details(void) {
  tb_config_t config;
  tb_problem_t problem;

  CHECK(good(WITH_ENDPOINT("192.0.2.1:1")));
  CHECK(good(WITH_ENDPOINT("b_ridge.Example.NET:65535")));
  CHECK(!good(WITH_ENDPOINT("bridge:0")));
  CHECK(!good(WITH_ENDPOINT("bridge:65536")));
  CHECK(!good(WITH_ENDPOINT("bridge")));
  CHECK(!good(WITH_ENDPOINT(":51820")));
  CHECK(!good(WITH_ENDPOINT("[::1]:51820")));
  CHECK(!good(WITH_ENDPOINT("bridge\":1")));

  /* Written by hand: other cases, blanks, line ends, keys that say nothing to a chip. */
  CHECK(read_text("; mine\r\n[interface]\r\nprivatekey=" PRIVATE_KEY "\r\nADDRESS=10.6.0.7\r\n"
                  "DNS = 10.6.0.1\r\n[PEER]\r\nPublicKey\t= " PEER_KEY "\r\n"
                  "Endpoint=one.example:1\r\nEndpoint=two.example:2\r\n",
                  &config, &problem));
  CHECK_NUMBER(config.endpoint_count, 2);
  CHECK_TEXT(config.endpoints[1].host, "two.example");
  CHECK_NUMBER(config.keepalive_s, 0);
  CHECK_NUMBER(config.prefix, 24);
  CHECK_NUMBER(config.allowed_count, 1);
  CHECK_NUMBER(config.allowed[0].address, 0x0a060000);

  /* The last character of a key carries four bits: other bits are a slip of the hand. */
  CHECK(!good("[Interface]\nPrivateKey = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=\n"
              "Address = 10.6.0.7\n" PEER "Endpoint = a:1\n"));

  /* JSON by other hands: escapes, lists, nesting, order and lines. */
  CHECK(read_text(JSON_START "[\"a.example:1\", \"b.example:2\"],\n \"more\":{\"deep\":[1,{\"x\":null}]},"
                             "\n\"allowedIps\":[\"10.6.0.0\\/24\"],\"keepaliveSeconds\":7}\n",
                  &config, &problem));
  CHECK_NUMBER(config.endpoint_count, 2);
  CHECK_NUMBER(config.keepalive_s, 7);
  CHECK(read_text("{\"address\":\"10.6.0.7\",\"privateKey\":\"" PRIVATE_KEY "\",\"bridgePublicKey\":\""
                  "zo060cy2M+x7cMF4FKXHbs0CloUFDTRHRboFhw5YfVk\\u003d\",\"endpoint\":\"a:1\"}",
                  &config, &problem));
  CHECK_TEXT(config.peer_key, PEER_KEY);
  CHECK(!good(JSON_START "\"a:1\"} x"));
  CHECK(!good(JSON_START "\"a:1\",\"deep\":[[[[[[[[[1]]]]]]]]]}"));
  CHECK(!good(JSON_START "\"a\\u0000:1\"}"));
  CHECK(!good(JSON_START "\"a:1"));
  CHECK(!good("{"));
  CHECK(good(JSON_START "\"a:1\",\"keepaliveSeconds\":65535}"));
  CHECK(!good(JSON_START "\"a:1\",\"keepaliveSeconds\":65536}"));
  CHECK(!good(JSON_START "\"a:1\",\"keepaliveSeconds\":-1}"));
}

/* Whether a configuration with a host of so many characters is taken, as text and as JSON. */
static void check_host_length(size_t length, bool fits) {
  static char text[TB_MAX_CONFIG_TEXT];
  static char host[512];
  memset(host, 'h', length);
  host[length] = '\0';
  strcpy(text, INTERFACE PEER "Endpoint = ");
  strcat(text, host);
  strcat(text, ":1\n");
  CHECK(good(text) == fits);
  strcpy(text, JSON_START "\"");
  strcat(text, host);
  strcat(text, ":1\"}");
  CHECK(good(text) == fits);
}

void test_lengths(void) {
  check_host_length(1, true);
  check_host_length(TB_HOST_SIZE - 1, true);
  check_host_length(TB_HOST_SIZE, false);
  check_host_length(300, false);
  CHECK(!good("[Interface]\nPrivateKey = " PRIVATE_KEY "\nAddress = 10.6.0.7.1/24\n" PEER
              "Endpoint = a:1\n"));
  CHECK(good("[Interface]\nPrivateKey = " PRIVATE_KEY "\nAddress = 10.6.0.7/255.255.255.0\n" PEER
             "Endpoint = a:1\nAllowedIPs = 10.6.0.0/255.255.255.0\n"));
}

void test_parts(void) {
  tb_config_t config;
  tb_problem_t problem;
  tb_part_t parts[] = {
      {TB_FIELD_ADDRESS, "10.6.0.7"},       {TB_FIELD_NETMASK, "255.255.0.0"},
      {TB_FIELD_PRIVATE_KEY, PRIVATE_KEY},  {TB_FIELD_PEER_KEY, PEER_KEY},
      {TB_FIELD_PRESHARED_KEY, NULL},       {TB_FIELD_HOST, "bridge.example.net"},
      {TB_FIELD_PORT, "51820"},             {TB_FIELD_KEEPALIVE, "25"},
  };
  CHECK(tb_config_from_parts(parts, sizeof parts / sizeof parts[0], &config, &problem));
  CHECK_NUMBER(config.prefix, 16);
  CHECK_NUMBER(config.allowed[0].prefix, 16);
  CHECK_TEXT(config.preshared_key, "");
  parts[1].value = "255.0.255.0";
  CHECK(!tb_config_from_parts(parts, sizeof parts / sizeof parts[0], &config, &problem));
  CHECK_NUMBER(problem.field, TB_FIELD_NETMASK);
  parts[1].value = "255.255.255.255"; /* as the ciniml library's users write it */
  CHECK(tb_config_from_parts(parts, sizeof parts / sizeof parts[0], &config, &problem));
  CHECK_NUMBER(config.prefix, 24);
  CHECK_NUMBER(tb_config_bridge(&config), 0x0a060001);
  CHECK(!tb_config_from_parts(parts, 5, &config, &problem));
  CHECK_NUMBER(problem.code, TB_BAD_MISSING);
}
