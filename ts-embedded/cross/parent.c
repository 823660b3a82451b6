// Is to a sidecar what the bridge is: starts it, takes its two connections,
// starts one node, is given its packet descriptor, and lets go of it once the
// node is in its tailnet. This program runs here; the sidecar may be one of
// another architecture in an emulator. See check.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "node.h"

static int listen_at(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path) fail(path, "too long for a socket");
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 2)) fail(path, "cannot listen");
	return fd;
}

static int accepted(int listener, time_t deadline) {
	await(listener, POLLIN, deadline, "connection of the sidecar");
	int fd = accept(listener, NULL, NULL);
	if (fd < 0) fail("accept", "no connection");
	return fd;
}

// The descriptor that comes with one byte.
static int given(int passage, time_t deadline) {
	char byte, rights[CMSG_SPACE(sizeof(int))];
	struct iovec bytes = {&byte, 1};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = rights, .msg_controllen = sizeof rights};
	await(passage, POLLIN, deadline, "packet descriptor");
	struct cmsghdr *first = recvmsg(passage, &message, 0) == 1 ? CMSG_FIRSTHDR(&message) : NULL;
	if (!first || first->cmsg_type != SCM_RIGHTS) fail("packet descriptor", "none came");
	int fd;
	memcpy(&fd, CMSG_DATA(first), sizeof fd);
	return fd;
}

int main(int count, char **argument) {
	if (count < 6) fail("usage", "parent SOCKET CONFIGURATION START PROGRAM... SOCKET");
	int listener = listen_at(argument[1]), in[2], out[2];
	if (pipe(in) || pipe(out)) fail("pipe", "none");
	pid_t child = fork();
	if (child == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execvp(argument[4], argument + 4);
		fail(argument[4], "cannot be run");
	}
	close(in[0]);
	close(out[1]);
	time_t deadline = time(NULL) + PATIENCE_SECONDS;
	if (child < 0 || write(in[1], argument[2], strlen(argument[2])) < 0 || close(in[1])) fail("sidecar", "not started");
	int control = accepted(listener, deadline), passage = accepted(listener, deadline);

	char versions[512] = "";
	await(out[0], POLLIN, deadline, "versions");
	if (read(out[0], versions, sizeof versions - 1) <= 0 || !strstr(versions, "\"tailscale\"")) fail("versions", versions);
	printf("parent: %s", versions);
	start_node(control, argument[3]);
	struct stat is;
	if (fstat(given(passage, deadline), &is) || !S_ISSOCK(is.st_mode)) fail("packet descriptor", "no socket");
	close(control);
	int status;
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status)) fail("end of the sidecar", "not well");
	return 0;
}
