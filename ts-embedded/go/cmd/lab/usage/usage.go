// Package usage tells what the lab's own process uses, so that a measurement can
// say what its load generator cost beside it.
package usage

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// CPUSeconds is the processor time of this process so far, user and system.
func CPUSeconds() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// RSSBytes is the resident memory of this process, as /proc/self/statm has it.
func RSSBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}
