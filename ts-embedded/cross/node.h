// One node by the frames of internal/frame, for the two programs of this folder.
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { START = 1, ANSWER = 64, STATUS = 65, ENDED = 67, PATIENCE_SECONDS = 90 };

struct head { // of a frame
	uint32_t length;
	uint8_t type;
	uint32_t id;
} __attribute__((packed));

static void fail(const char *what, const char *why) {
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

// Waits for one of the two, or fails.
static void await(int fd, short events, time_t deadline, const char *what) {
	struct pollfd ready = {.fd = fd, .events = events};
	time_t left = deadline - time(NULL);
	if (left <= 0 || poll(&ready, 1, (int)left * 1000) <= 0) fail(what, "nothing came in time");
}

static void all(ssize_t (*move)(int, void *, size_t), int fd, void *bytes, size_t length, time_t deadline) {
	for (size_t done = 0; done < length;) {
		await(fd, move == read ? POLLIN : POLLOUT, deadline, "control pair");
		ssize_t n = move(fd, (char *)bytes + done, length - done);
		if (n <= 0) fail("control pair", "closed");
		done += (size_t)n;
	}
}

static ssize_t send_some(int fd, void *bytes, size_t length) { return write(fd, bytes, length); }

// Starts a node as the JSON says, and returns once it is in its tailnet.
static void start_node(int control, char *json) {
	time_t deadline = time(NULL) + PATIENCE_SECONDS;
	size_t length = strlen(json);
	struct head start = {htonl((uint32_t)(sizeof start - 4 + length)), START, htonl(1)};
	all(send_some, control, &start, sizeof start, deadline);
	all(send_some, control, json, length, deadline);
	for (;;) {
		struct head head;
		all(read, control, &head, sizeof head, deadline);
		size_t rest = ntohl(head.length) - (sizeof head - 4);
		char *body = calloc(1, rest + 1);
		if (!body) fail("frame", "too long");
		all(read, control, body, rest, deadline);
		if (head.type == ENDED || (head.type == ANSWER && strstr(body, "\"error\""))) fail("the node ended", body);
		int ready = head.type == STATUS && strstr(body, "\"ready\":true");
		if (ready) printf("%s\n", body);
		free(body);
		if (ready) return;
	}
}
