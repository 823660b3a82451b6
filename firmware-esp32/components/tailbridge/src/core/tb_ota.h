/*
 * Whether a freshly written firmware stays. It is on trial until the bridge has answered a question
 * through the tunnel; one that cannot be reached could never be replaced from afar again.
 */
#ifndef TB_OTA_H
#define TB_OTA_H

#include <stdbool.h>
#include <stdint.h>

#include "tb_time.h"

typedef enum { TB_OTA_SETTLED, TB_OTA_ON_TRIAL, TB_OTA_CONFIRM, TB_OTA_ROLL_BACK } tb_ota_t;

typedef struct {
  tb_deadline_t trial; /* none: not on trial */
} tb_ota_trial_t;

/* @param on_trial what the boot loader says */
void tb_ota_init(tb_ota_trial_t *trial, bool on_trial, uint32_t patience_ms, uint32_t now_ms);

/* TB_OTA_CONFIRM and TB_OTA_ROLL_BACK come once. @param proven a probe was answered */
tb_ota_t tb_ota_judge(tb_ota_trial_t *trial, bool proven, uint32_t now_ms);

#endif
