/*
 * What the chip must be told, read from what the bridge's commands print: the text of `device add`
 * and `device show` in the formats wg-quick (a QR code holds it too), tasmota, arduino, esp-idf and
 * json.
 */
#ifndef TB_CONFIG_H
#define TB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TB_NAME_SIZE = 64,       /* a host name label and a zero */
  TB_HOST_SIZE = 254,      /* a host name and a zero */
  TB_KEY_SIZE = 45,        /* 32 bytes in base64 and a zero */
  TB_MAX_ENDPOINTS = 4,
  TB_MAX_NETWORKS = 4,
  TB_MAX_CONFIG_TEXT = 4096,
  TB_DEFAULT_KEEPALIVE_S = 25
};

typedef struct {
  uint32_t address; /* host order, no bit set outside of the prefix */
  uint8_t prefix;   /* 1 to 32: never the default route */
} tb_network_t;

typedef struct {
  char host[TB_HOST_SIZE]; /* a name or an IPv4 address */
  uint16_t port;
} tb_endpoint_t;

/* Keys are kept in base64, the form that the WireGuard library takes. They belong into no log. */
typedef struct {
  char name[TB_NAME_SIZE]; /* empty when the text has none */
  uint32_t address;        /* of the chip in the tunnel, host order */
  uint8_t prefix;          /* of the tunnel's network, 8 to 32 */
  char private_key[TB_KEY_SIZE];
  char peer_key[TB_KEY_SIZE];
  char preshared_key[TB_KEY_SIZE]; /* empty for none */
  tb_endpoint_t endpoints[TB_MAX_ENDPOINTS]; /* in the order in which they are tried */
  uint8_t endpoint_count;
  tb_network_t allowed[TB_MAX_NETWORKS];
  uint8_t allowed_count;
  uint16_t keepalive_s; /* 0 for none */
} tb_config_t;

typedef enum {
  TB_FIELD_NONE,
  TB_FIELD_NAME,
  TB_FIELD_ADDRESS,
  TB_FIELD_NETMASK,
  TB_FIELD_PRIVATE_KEY,
  TB_FIELD_PEER_KEY,
  TB_FIELD_PRESHARED_KEY,
  TB_FIELD_ENDPOINT, /* host:port */
  TB_FIELD_HOST,
  TB_FIELD_PORT, /* of the host before it */
  TB_FIELD_ALLOWED,
  TB_FIELD_KEEPALIVE
} tb_field_t;

typedef enum {
  TB_OK,
  TB_BAD_TOO_LONG,
  TB_BAD_FORMAT,
  TB_BAD_ESPHOME,
  TB_BAD_SYNTAX,
  TB_BAD_VALUE,
  TB_BAD_PLACEHOLDER,
  TB_BAD_DEFAULT_ROUTE,
  TB_BAD_TWICE,
  TB_BAD_TOO_MANY,
  TB_BAD_MISSING
} tb_problem_code_t;

/* What is wrong, where. It holds nothing of the text, so it may be logged. */
typedef struct {
  tb_problem_code_t code;
  tb_field_t field; /* TB_FIELD_NONE: the text as a whole */
  uint16_t line;    /* 1 is the first; 0: none in particular */
} tb_problem_t;

/*
 * Reads a text of any of the formats. True: the configuration is whole. False: it must not be used,
 * and the problem says why. The text needs no zero at its end.
 */
bool tb_config_read(const char *text, size_t length, tb_config_t *config, tb_problem_t *problem);

/* One value, for those who have them one by one: from NVS, or from an application's own call. */
typedef struct {
  tb_field_t field;
  const char *value; /* null for one that is not there */
} tb_part_t;

/* As tb_config_read; the problem's line is always 0. A host stands before its port. */
bool tb_config_from_parts(const tb_part_t *parts, size_t count, tb_config_t *config,
                          tb_problem_t *problem);

/* A sentence for the owner, with what to do; cut where the buffer ends, always with a zero. */
void tb_problem_text(const tb_problem_t *problem, char *to, size_t size);

/* The bridge's own address in the tunnel: the first of its network. Host order. */
uint32_t tb_config_bridge(const tb_config_t *config);

/* The netmask of a prefix of 0 to 32, host order. */
uint32_t tb_netmask(uint8_t prefix);

#ifdef __cplusplus
}
#endif

#endif
