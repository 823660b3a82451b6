/* A peer of the TCP tests: somebody else's TCP, with services and commands. */
#ifndef PEER_H
#define PEER_H

/* The socket that carries IP packets, one in a datagram, from and to the test. */
extern int packets;

/* Opens it towards 127.0.0.1:port of the test. */
void open_packets(const char *port);

/* Starts the services, prints the ready line and answers commands until the input ends. */
void run_peer(void);

#endif
