#include "tb_ota.h"

void tb_ota_init(tb_ota_trial_t *trial, bool on_trial, uint32_t patience_ms, uint32_t now_ms) {
  trial->trial = on_trial ? tb_deadline_in(now_ms, patience_ms) : tb_deadline_none();
}

tb_ota_t tb_ota_judge(tb_ota_trial_t *trial, bool proven, uint32_t now_ms) {
  if (!trial->trial.set) {
    return TB_OTA_SETTLED;
  }
  if (!proven && !tb_deadline_due(trial->trial, now_ms)) {
    return TB_OTA_ON_TRIAL;
  }
  trial->trial = tb_deadline_none();
  return proven ? TB_OTA_CONFIRM : TB_OTA_ROLL_BACK;
}
