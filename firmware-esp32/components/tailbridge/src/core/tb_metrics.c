#include "tb_metrics.h"

#include "tb_out.h"

static void head(tb_out_t *out, const char *name, const char *type, const char *help) {
  tb_out_text(out, "# HELP tailbridge_");
  tb_out_text(out, name);
  tb_out_text(out, " ");
  tb_out_text(out, help);
  tb_out_text(out, "\n# TYPE tailbridge_");
  tb_out_text(out, name);
  tb_out_text(out, " ");
  tb_out_text(out, type);
  tb_out_text(out, "\ntailbridge_");
  tb_out_text(out, name);
}

static void value(tb_out_t *out, uint64_t number) {
  tb_out_text(out, " ");
  tb_out_number(out, number);
  tb_out_text(out, "\n");
}

static void gauge(tb_out_t *out, const char *name, const char *help, uint64_t number) {
  head(out, name, "gauge", help);
  value(out, number);
}

static void counter(tb_out_t *out, const char *name, const char *help, uint64_t number) {
  head(out, name, "counter", help);
  value(out, number);
}

/* Milliseconds as seconds with three places. */
static void seconds(tb_out_t *out, uint64_t ms) {
  tb_out_number(out, ms / 1000);
  tb_out_text(out, ".");
  for (uint64_t place = 100; place > 0; place /= 10) {
    tb_out_number(out, ms / place % 10);
  }
}

static void gauge_seconds(tb_out_t *out, const char *name, const char *help, uint64_t ms) {
  head(out, name, "gauge", help);
  tb_out_text(out, " ");
  seconds(out, ms);
  tb_out_text(out, "\n");
}

static void label(tb_out_t *out, const char *name, const char *text, const char *end) {
  tb_out_text(out, name);
  tb_out_text(out, "=\"");
  tb_out_text(out, text);
  tb_out_text(out, end);
}

static void tunnel(tb_out_t *out, const tb_supervisor_t *s, uint32_t now_ms) {
  gauge(out, "tunnel_up", "1 while the bridge was heard lately.", tb_supervisor_up(s));
  if (s->stats.handshakes > 0) {
    gauge_seconds(out, "handshake_age_seconds", "Since the last handshake.",
                  now_ms - s->handshake_ms);
  }
  counter(out, "sessions_total", "Times the tunnel came up.", s->stats.sessions);
  counter(out, "handshakes_total", "Handshakes, renewals too.", s->stats.handshakes);
  counter(out, "losses_total", "Times the tunnel was found dead.", s->stats.losses);
  counter(out, "probes_total", "Questions to the bridge.", s->stats.probes);
  counter(out, "probes_missed_total", "Of them without an answer.", s->stats.missed);
  if (s->stats.rtt_ms > 0) {
    gauge_seconds(out, "probe_rtt_seconds", "Of the last answer.", s->stats.rtt_ms);
  }
  gauge(out, "endpoint_index", "Which of the endpoints is used.", s->endpoint);
}

size_t tb_metrics_text(const tb_vitals_t *vitals, const tb_supervisor_t *supervisor,
                       uint32_t now_ms, char *to, size_t size) {
  tb_out_t out = tb_out_to(to, size);
  head(&out, "info", "gauge", "The firmware.");
  label(&out, "{version", vitals->version, "\",");
  label(&out, "reset_reason", vitals->reset_reason, "\",");
  label(&out, "ota", vitals->ota, "\"} 1\n");
  gauge_seconds(&out, "uptime_seconds", "Since the start.", vitals->uptime_ms);
  gauge(&out, "clock_synced", "1 once a time server was heard.", vitals->clock_synced);
  gauge(&out, "heap_free_bytes", "Free memory.", vitals->heap_free);
  gauge(&out, "heap_least_bytes", "The least that was ever free.", vitals->heap_least);
  gauge(&out, "heap_largest_bytes", "The largest free block.", vitals->heap_largest);
  if (vitals->rssi_dbm != 0) {
    head(&out, "wifi_rssi_dbm", "gauge", "Strength of the access point.");
    tb_out_text(&out, " ");
    tb_out_signed(&out, vitals->rssi_dbm);
    tb_out_text(&out, "\n");
    gauge(&out, "wifi_channel", "Of the access point.", vitals->channel);
  }
  tunnel(&out, supervisor, now_ms);
  return out.whole ? out.length : 0;
}

static void member(tb_out_t *out, const char *name) {
  tb_out_text(out, out->length == 0 ? "{\"" : ",\"");
  tb_out_text(out, name);
  tb_out_text(out, "\":");
}

static void text(tb_out_t *out, const char *name, const char *words) {
  member(out, name);
  tb_out_text(out, "\"");
  tb_out_text(out, words);
  tb_out_text(out, "\"");
}

static void number(tb_out_t *out, const char *name, uint64_t number) {
  member(out, name);
  tb_out_number(out, number);
}

size_t tb_status_json(const tb_vitals_t *vitals, const tb_supervisor_t *supervisor,
                      const tb_config_t *config, uint32_t now_ms, char *to, size_t size) {
  tb_out_t out = tb_out_to(to, size);
  const tb_endpoint_t *endpoint = &config->endpoints[supervisor->endpoint % TB_MAX_ENDPOINTS];
  text(&out, "name", config->name);
  text(&out, "version", vitals->version);
  member(&out, "address");
  tb_out_text(&out, "\"");
  tb_out_ipv4(&out, config->address);
  tb_out_text(&out, "\"");
  text(&out, "tunnel", tb_state_name(supervisor->state));
  text(&out, "endpoint", endpoint->host);
  number(&out, "port", endpoint->port);
  number(&out, "sessions", supervisor->stats.sessions);
  number(&out, "losses", supervisor->stats.losses);
  number(&out, "rttMs", supervisor->stats.rtt_ms);
  if (supervisor->stats.handshakes > 0) {
    number(&out, "handshakeAgeSeconds", (now_ms - supervisor->handshake_ms) / 1000);
  }
  number(&out, "uptimeSeconds", vitals->uptime_ms / 1000);
  number(&out, "clock", vitals->clock_s);
  text(&out, "ota", vitals->ota);
  tb_out_text(&out, "}\n");
  return out.whole ? out.length : 0;
}
