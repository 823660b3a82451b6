/* As ESP-IDF's defaults for an ESP32 without SPIRAM, as far as they concern TCP. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <stdlib.h>

#define NO_SYS 0
#define SYS_LIGHTWEIGHT_PROT 1
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define LWIP_CHKSUM_ALGORITHM 3

#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_DHCP 0
#define LWIP_ICMP 1
#define IP_REASSEMBLY 0
#define IP_FRAG 1
#define LWIP_IPV6_REASS 0
#define LWIP_RAW 0

#define TCP_MSS 1440
#define TCP_WND 5744
#define TCP_SND_BUF 5744
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_PBUFS 4
#define LWIP_TCP_SACK_OUT 0
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_WND_SCALE 0
#define LWIP_TCP_RTO_TIME 1500
#define TCP_MAXRTX 12
#define TCP_SYNMAXRTX 12
#define TCP_MSL 60000
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_PCB_LISTEN 16
#define MEMP_NUM_NETCONN 24
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) ((u32_t)rand())

#define TCPIP_MBOX_SIZE 32
#define DEFAULT_TCP_RECVMBOX_SIZE 6
#define DEFAULT_UDP_RECVMBOX_SIZE 6
#define DEFAULT_ACCEPTMBOX_SIZE 6

#define LWIP_SOCKET 1
#define LWIP_NETCONN 1
#define LWIP_COMPAT_SOCKETS 1
#define LWIP_POSIX_SOCKETS_IO_NAMES 0
#define LWIP_SO_SNDTIMEO 1
#define LWIP_SO_RCVTIMEO 1
#define LWIP_SO_LINGER 1
#define SO_REUSE 1
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_TIMEVAL_PRIVATE 0

#define LWIP_STATS 0

#endif
