// Package memory gives back to the system what a burst of work leaves behind.
package memory

// #include <malloc.h>
import "C"

import "runtime/debug"

// GiveBack returns what is free to the system, of Go's heap and of the C heap
// that the whole process shares: a JVM's compilers free tens of MiB there once
// it has warmed up, and glibc keeps them. It collects garbage and takes a few
// tens of milliseconds of one thread.
func GiveBack() {
	debug.FreeOSMemory()
	C.malloc_trim(0)
}
