/*
 * A configuration from tailbridge_secrets.h, the header that
 * `bridge device show NAME --format arduino` prints, which must be included before this one.
 */
#ifndef TAILBRIDGE_SECRETS_CONFIG_H
#define TAILBRIDGE_SECRETS_CONFIG_H

#include "core/tb_config.h"

#define TAILBRIDGE_TEXT_OF_(number) #number
#define TAILBRIDGE_TEXT_OF(number) TAILBRIDGE_TEXT_OF_(number)

#ifndef TAILBRIDGE_PRESHARED_KEY
#define TAILBRIDGE_PRESHARED_KEY NULL
#endif

/* True: the configuration is whole; false: the problem says why, see tb_problem_text. */
static inline bool tailbridge_secrets_config(tb_config_t *config, tb_problem_t *problem) {
  const tb_part_t parts[] = {
      {TB_FIELD_NAME, TAILBRIDGE_NAME},
      {TB_FIELD_ADDRESS, TAILBRIDGE_ADDRESS},
      {TB_FIELD_NETMASK, TAILBRIDGE_NETMASK},
      {TB_FIELD_PRIVATE_KEY, TAILBRIDGE_PRIVATE_KEY},
      {TB_FIELD_PEER_KEY, TAILBRIDGE_PEER_PUBLIC_KEY},
      {TB_FIELD_PRESHARED_KEY, TAILBRIDGE_PRESHARED_KEY},
      {TB_FIELD_HOST, TAILBRIDGE_ENDPOINT_HOST},
      {TB_FIELD_PORT, TAILBRIDGE_TEXT_OF(TAILBRIDGE_ENDPOINT_PORT)},
      {TB_FIELD_KEEPALIVE, TAILBRIDGE_TEXT_OF(TAILBRIDGE_KEEPALIVE_SECONDS)},
      /* The tunnel's own network and that of tailnets, as the header has them. */
      {TB_FIELD_ALLOWED, TAILBRIDGE_ALLOWED_IP_1 "/" TAILBRIDGE_ALLOWED_MASK_1 "," TAILBRIDGE_ALLOWED_IP_2
                         "/" TAILBRIDGE_ALLOWED_MASK_2},
  };
  return tb_config_from_parts(parts, sizeof parts / sizeof parts[0], config, problem);
}

#endif
