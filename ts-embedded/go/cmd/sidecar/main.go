// Command sidecar runs tailnet nodes in a process of its own, for a bridge that
// wants to outlive a panic of Go code (mode = "sidecar").
//
// It is the c-shared library without the JVM around it: the same engine, the
// same frames. Java starts it with the path of a listening socket as the only
// argument and the configuration on standard input. It connects twice: first
// for the control frames, then for the descriptors of the packet pairs, each of
// which is named in its answer by its place in that order. Then it writes one
// line to standard output, its versions or {"error": …}. Standard error is for
// the Go runtime alone: the trace of a panic.
//
// It ends when the control connection does, and is killed when its parent dies.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dev.tailbridge/embedded/internal/engine"
	"dev.tailbridge/embedded/internal/link"
	"dev.tailbridge/embedded/internal/setup"
	"golang.org/x/sys/unix"
)

const (
	longestConfig = 1 << 20
	lastWords     = time.Second // for frames that wait when all nodes are closed
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "this runs tailnet nodes for tailbridge, which starts it by itself: see mode in docs/configuration.md")
		os.Exit(2)
	}
	// The parent is the thread that started this one; Java keeps it as long.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		fail(err)
	}
	// A terminal, or a service manager, signals the whole group. The bridge ends
	// in good order then, and this with it.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	serving, err := start(os.Args[1], os.Stdin)
	if err != nil {
		fail(err)
	}
	serving.Serve()
	serving.Shutdown(lastWords)
}

func fail(err error) {
	text, _ := json.Marshal(struct {
		Error string `json:"error"`
	}{err.Error()})
	fmt.Println(string(text))
	os.Exit(1)
}

func start(path string, input io.Reader) (*engine.Engine, error) {
	text, err := io.ReadAll(io.LimitReader(input, longestConfig))
	if err != nil {
		return nil, fmt.Errorf("configuration of the sidecar: %w", err)
	}
	config, level, err := setup.Parse(string(text))
	if err != nil {
		return nil, err
	}
	if err := setup.Apply(config); err != nil {
		return nil, err
	}
	control, err := link.Dial(path)
	if err != nil {
		return nil, err
	}
	descriptors, err := link.Dial(path)
	if err != nil {
		return nil, errors.Join(err, control.Close())
	}
	passage, err := link.NewPassage(descriptors)
	if err != nil {
		return nil, err
	}
	e := engine.New(control, level, config.GOGC, passage.Give)
	log.SetFlags(0)
	log.SetOutput(e) // what does not go through the logger of a node
	fmt.Println(engine.Versions())
	return e, nil
}
