// Loads the Go library, starts one node and ends well once it is in its tailnet.
// For the architecture that this machine cannot run a JVM of: see check.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { START = 1, ANSWER = 64, STATUS = 65, ENDED = 67, PATIENCE_SECONDS = 90, SHUTDOWN_MILLIS = 20000 };

struct head { // of a frame, see internal/frame
	uint32_t length;
	uint8_t type;
	uint32_t id;
} __attribute__((packed));

static void fail(const char *what, const char *why) {
	fprintf(stderr, "loader: %s: %s\n", what, why);
	exit(1);
}

static void *function(void *library, const char *name) {
	void *found = dlsym(library, name);
	if (!found) fail(name, dlerror());
	return found;
}

static void all(ssize_t (*move)(int, void *, size_t), int fd, void *bytes, size_t length, time_t deadline) {
	for (size_t done = 0; done < length;) {
		struct pollfd ready = {.fd = fd, .events = move == read ? POLLIN : POLLOUT};
		time_t left = deadline - time(NULL);
		if (left <= 0 || poll(&ready, 1, (int)left * 1000) <= 0) fail("control pair", "nothing came in time");
		ssize_t n = move(fd, (char *)bytes + done, length - done);
		if (n <= 0) fail("control pair", "closed");
		done += (size_t)n;
	}
}

static ssize_t send_some(int fd, void *bytes, size_t length) { return write(fd, bytes, length); }

int main(int count, char **argument) {
	if (count != 4) fail("usage", "loader LIBRARY CONFIGURATION START");
	void *library = dlopen(argument[1], RTLD_NOW);
	if (!library) fail(argument[1], dlerror());
	char *(*version)(void) = (char *(*)(void))function(library, "TailbridgeVersion");
	int (*init)(const char *) = (int (*)(const char *))function(library, "TailbridgeInit");
	char *(*last_error)(void) = (char *(*)(void))function(library, "TailbridgeLastError");
	int (*shutdown_library)(int) = (int (*)(int))function(library, "TailbridgeShutdown");

	printf("loader: %s\n", version());
	int control = init(argument[2]);
	if (control < 0) fail("TailbridgeInit", last_error());

	time_t deadline = time(NULL) + PATIENCE_SECONDS;
	size_t length = strlen(argument[3]);
	struct head start = {htonl((uint32_t)(sizeof start - 4 + length)), START, htonl(1)};
	all(send_some, control, &start, sizeof start, deadline);
	all(send_some, control, argument[3], length, deadline);

	for (;;) {
		struct head head;
		all(read, control, &head, sizeof head, deadline);
		size_t rest = ntohl(head.length) - (sizeof head - 4);
		char *body = calloc(1, rest + 1);
		if (!body) fail("frame", "too long");
		all(read, control, body, rest, deadline);
		if (head.type == ENDED || (head.type == ANSWER && strstr(body, "\"error\""))) fail("the node ended", body);
		if (head.type == STATUS && strstr(body, "\"ready\":true")) {
			printf("loader: %s\n", body);
			break;
		}
		free(body);
	}
	if (shutdown_library(SHUTDOWN_MILLIS)) fail("TailbridgeShutdown", "not in time");
	return 0;
}
