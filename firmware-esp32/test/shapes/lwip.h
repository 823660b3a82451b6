/* lwIP as ESP-IDF ships it: what the adapters use. Hand-written; see README.md. */
#ifndef SHAPES_LWIP_H
#define SHAPES_LWIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t u8_t;
typedef uint16_t u16_t;
typedef uint32_t u32_t;
typedef int8_t err_t;
enum { ERR_OK = 0, ERR_INPROGRESS = -5, ERR_ARG = -16 };

typedef struct ip4_addr {
  u32_t addr;
} ip4_addr_t;
typedef struct {
  union {
    ip4_addr_t ip4;
    u32_t ip6[5];
  } u_addr;
  u8_t type;
} ip_addr_t;
struct netif;

#define ip_addr_copy(to, from) ((to) = (from))
#define ip4_addr_cmp(a, b) ((a)->addr == (b)->addr)
#define ip4_addr_netcmp(a, b, mask) (((a)->addr & (mask)->addr) == ((b)->addr & (mask)->addr))
#define ip4_addr_isany(a) ((a) == NULL || (a)->addr == 0)
u32_t lwip_htonl(u32_t x);
u16_t lwip_htons(u16_t x);
u16_t lwip_ntohs(u16_t x);

typedef void (*dns_found_callback)(const char *name, const ip_addr_t *address, void *argument);
err_t dns_gethostbyname(const char *name, ip_addr_t *address, dns_found_callback found, void *argument);

struct icmp_echo_hdr {
  u8_t type;
  u8_t code;
  u16_t chksum;
  u16_t id;
  u16_t seqno;
} __attribute__((packed));
enum { ICMP_ER = 0, ICMP_ECHO = 8 };
#define ICMPH_TYPE(header) ((header)->type)
#define ICMPH_TYPE_SET(header, value) ((header)->type = (u8_t)(value))
u16_t inet_chksum(const void *data, u16_t length);

typedef u32_t socklen_t;
typedef u8_t sa_family_t;
typedef u16_t in_port_t;
struct in_addr {
  u32_t s_addr;
};
struct sockaddr {
  u8_t sa_len;
  sa_family_t sa_family;
  char sa_data[14];
};
struct sockaddr_in {
  u8_t sin_len;
  sa_family_t sin_family;
  in_port_t sin_port;
  struct in_addr sin_addr;
  char sin_zero[8];
};
enum { AF_INET = 2, SOCK_RAW = 3, IPPROTO_ICMP = 1, MSG_DONTWAIT = 8 };
int lwip_socket(int domain, int type, int protocol);
int lwip_bind(int socket, const struct sockaddr *name, socklen_t size);
int lwip_close(int socket);
int lwip_getsockname(int socket, struct sockaddr *name, socklen_t *size);
ssize_t lwip_sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length);
ssize_t lwip_recvfrom(int socket, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length);
int lwip_select(int highest, fd_set *readable, fd_set *writable, fd_set *failed, struct timeval *timeout);

#ifdef __cplusplus
}
#endif

#endif
