/* What the chip tells of itself: /metrics in Prometheus' text format, /status as JSON. */
#ifndef TB_METRICS_H
#define TB_METRICS_H

#include <stddef.h>

#include "tb_config.h"
#include "tb_supervisor.h"

/* What only the port knows. */
typedef struct {
  uint64_t uptime_ms;
  uint64_t clock_s;          /* since 1970 */
  const char *version;       /* of the application; letters, digits, dots, dashes and pluses */
  const char *reset_reason;  /* one word */
  const char *ota;           /* one word: settled, trial */
  uint32_t heap_free;        /* bytes */
  uint32_t heap_least;       /* ever */
  uint32_t heap_largest;     /* block */
  int32_t rssi_dbm;          /* 0: no Wi-Fi */
  uint32_t channel;
  bool clock_synced;
} tb_vitals_t;

/* Both return the length of the text, or 0 when it did not fit; the buffer ends with a zero always. */
size_t tb_metrics_text(const tb_vitals_t *vitals, const tb_supervisor_t *supervisor,
                       uint32_t now_ms, char *to, size_t size);

/* Holds no key and no secret. */
size_t tb_status_json(const tb_vitals_t *vitals, const tb_supervisor_t *supervisor,
                      const tb_config_t *config, uint32_t now_ms, char *to, size_t size);

enum { TB_METRICS_SIZE = 3072, TB_STATUS_SIZE = 1024 }; /* enough for any values */

#endif
