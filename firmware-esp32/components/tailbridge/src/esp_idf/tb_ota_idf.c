/* What the boot loader thinks of the running firmware (CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE). */
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "tb_port.h"

bool tb_ota_is_trial(void) {
  esp_ota_img_states_t state;
  const esp_partition_t *running = esp_ota_get_running_partition();
  return running != NULL && esp_ota_get_state_partition(running, &state) == ESP_OK &&
         state == ESP_OTA_IMG_PENDING_VERIFY;
}

void tb_ota_keep(void) {
  if (esp_ota_mark_app_valid_cancel_rollback() == ESP_OK) {
    ESP_LOGI(TB_TAG, "this firmware reached the bridge and stays");
  }
}

/* Does not return where there is an older one. */
void tb_ota_roll_back(void) {
  ESP_LOGE(TB_TAG, "this firmware did not reach the bridge: back to the one before");
  esp_err_t error = esp_ota_mark_app_invalid_rollback_and_reboot();
  ESP_LOGE(TB_TAG, "no firmware to go back to: %s", esp_err_to_name(error));
}
