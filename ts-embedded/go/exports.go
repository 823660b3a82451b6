package main

// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"log"
	"sync"
	"time"
	"unsafe"

	"dev.tailbridge/embedded/internal/engine"
	"dev.tailbridge/embedded/internal/link"
	"dev.tailbridge/embedded/internal/setup"
)

var library struct {
	mu        sync.Mutex
	engine    *engine.Engine
	lastError string
}

// TailbridgeInit takes the configuration as JSON and returns Java's end of the
// control pair, or -1, after which TailbridgeLastError says why. It succeeds
// once in a process.
//
//export TailbridgeInit
func TailbridgeInit(config *C.char) (fd C.int) {
	library.mu.Lock()
	defer library.mu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			library.lastError, fd = fmt.Sprint("panic: ", r), -1
		}
	}()
	control, err := start(C.GoString(config))
	if err != nil {
		library.lastError = err.Error()
		return -1
	}
	return C.int(control)
}

func start(text string) (control int, err error) {
	if library.engine != nil {
		return -1, errors.New("the Go library is initialized already; a process can do so once")
	}
	config, level, err := setup.Parse(text)
	if err != nil {
		return -1, err
	}
	if err := setup.Apply(config); err != nil {
		return -1, err
	}
	ours, theirs, err := link.Pair()
	if err != nil {
		return -1, err
	}
	library.engine = engine.New(ours, level, config.GOGC, engine.SameProcess)
	log.SetFlags(0)
	log.SetOutput(library.engine) // what does not go through the logger of a node
	go library.engine.Serve()
	return theirs, nil
}

// TailbridgeVersion returns the versions as JSON, to be freed.
//
//export TailbridgeVersion
func TailbridgeVersion() *C.char {
	return C.CString(engine.Versions())
}

// TailbridgeLastError returns why TailbridgeInit failed, to be freed.
//
//export TailbridgeLastError
func TailbridgeLastError() *C.char {
	library.mu.Lock()
	defer library.mu.Unlock()
	return C.CString(library.lastError)
}

// TailbridgeShutdown closes all nodes and the control pair. It returns 0 when
// that was done within the given time, else 1.
//
//export TailbridgeShutdown
func TailbridgeShutdown(millis C.int) (late C.int) {
	defer func() {
		if recover() != nil {
			late = 1
		}
	}()
	library.mu.Lock()
	e := library.engine
	library.mu.Unlock()
	if e == nil || e.Shutdown(time.Duration(millis)*time.Millisecond) {
		return 0
	}
	return 1
}

// TailbridgeFree frees a string that another function returned.
//
//export TailbridgeFree
func TailbridgeFree(text *C.char) {
	C.free(unsafe.Pointer(text))
}
