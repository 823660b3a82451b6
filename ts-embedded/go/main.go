// The c-shared library that runs tailnet nodes inside a JVM.
//
// Java calls five functions, from one thread of its own: the exports in
// exports.go. Everything else goes over descriptors: requests, answers and
// events as frames over one control pair (internal/frame), IP packets over one
// pair per node (internal/link). Go never calls Java.
//
// A panic in Go ends the JVM, and so does a write to a broken standard output
// or error. So whatever calls into tailscale recovers, nothing here writes to
// descriptors 1 and 2, and os/signal, which would take HotSpot's signals, is not
// imported.
package main

func main() {} // a c-shared library needs one; it is never called
