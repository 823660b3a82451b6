/* ICMP echo (RFC 792) on one raw socket, which is bound to the tunnel's address and made once. */
#include <string.h>

#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip4.h"
#include "lwip/sockets.h"
#include "tb_port.h"

enum { IDENTIFIER = 0x7462 };

static int probe_socket = -1;
static struct sockaddr_in bridge_address;

static struct sockaddr_in socket_address(uint32_t address) {
  struct sockaddr_in to;
  memset(&to, 0, sizeof to);
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = lwip_htonl(address);
  return to;
}

/* Again after each connect: a new interface has a new address, if the same one. */
esp_err_t tb_probe_open(uint32_t from, uint32_t bridge) {
  struct sockaddr_in own = socket_address(from);
  tb_probe_close();
  bridge_address = socket_address(bridge);
  probe_socket = lwip_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (probe_socket < 0) {
    ESP_LOGE(TB_TAG, "no socket for questions to the bridge");
    return ESP_FAIL;
  }
  if (lwip_bind(probe_socket, (struct sockaddr *)&own, sizeof own) != 0) {
    tb_probe_close();
    return ESP_FAIL;
  }
  return ESP_OK;
}

void tb_probe_send(uint16_t number) {
  struct icmp_echo_hdr echo;
  memset(&echo, 0, sizeof echo);
  ICMPH_TYPE_SET(&echo, ICMP_ECHO);
  echo.id = lwip_htons(IDENTIFIER);
  echo.seqno = lwip_htons(number);
  echo.chksum = inet_chksum(&echo, sizeof echo);
  /* What is not sent is not answered: the supervisor sees that. */
  (void)lwip_sendto(probe_socket, &echo, sizeof echo, 0, (struct sockaddr *)&bridge_address,
                    sizeof bridge_address);
}

/* A raw socket sees every ICMP packet with its IP header; only an answer to us counts. */
static bool is_answer(const uint8_t *packet, int length, uint16_t *number) {
  struct icmp_echo_hdr echo;
  int header = length > 0 ? (packet[0] & 0xf) * 4 : 0;
  if (header < 20 || length < header + (int)sizeof echo) {
    return false;
  }
  memcpy(&echo, packet + header, sizeof echo);
  *number = lwip_ntohs(echo.seqno);
  return ICMPH_TYPE(&echo) == ICMP_ER && echo.id == lwip_htons(IDENTIFIER);
}

bool tb_probe_wait(uint32_t wait_ms, uint16_t *number) {
  uint8_t packet[64];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  fd_set readable;
  struct timeval wait = {.tv_sec = (long)(wait_ms / 1000),
                         .tv_usec = (long)(wait_ms % 1000 * 1000)};
  if (probe_socket < 0) {
    vTaskDelay(pdMS_TO_TICKS(wait_ms));
    return false;
  }
  FD_ZERO(&readable);
  FD_SET(probe_socket, &readable);
  if (lwip_select(probe_socket + 1, &readable, NULL, NULL, &wait) <= 0) {
    return false;
  }
  int length = lwip_recvfrom(probe_socket, packet, sizeof packet, MSG_DONTWAIT,
                             (struct sockaddr *)&from, &size);
  return from.sin_addr.s_addr == bridge_address.sin_addr.s_addr &&
         is_answer(packet, length, number);
}

void tb_probe_close(void) {
  if (probe_socket >= 0) {
    lwip_close(probe_socket);
    probe_socket = -1;
  }
}
