// Loads the Go library, starts one node and ends well once it is in its tailnet.
// For the architecture that this machine cannot run a JVM of: see check.
#include <dlfcn.h>

#include "node.h"

enum { SHUTDOWN_MILLIS = 20000 };

static void *function(void *library, const char *name) {
	void *found = dlsym(library, name);
	if (!found) fail(name, dlerror());
	return found;
}

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
	start_node(control, argument[3]);
	if (shutdown_library(SHUTDOWN_MILLIS)) fail("TailbridgeShutdown", "not in time");
	return 0;
}
