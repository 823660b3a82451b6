package control

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"dev.tailbridge/embedded/cmd/lab/line"
)

// pace is a control server's wish that nodes come slower: it answers their
// registrations with 429.
type pace struct {
	mu         sync.Mutex
	retryAfter int // seconds; 0 while nobody is refused
	refused    int
}

// refuses is asked before each registration.
func (p *pace) refuses() (reject bool, retryAfter, message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retryAfter == 0 {
		return false, "", ""
	}
	p.refused++
	return true, strconv.Itoa(p.retryAfter), "too many registrations"
}

// slowDown answers how many were refused until now.
func (p *plane) slowDown(_ context.Context, args line.Args) (any, error) {
	seconds := 0
	if word := args.Word(0); word != "off" {
		var err error
		if seconds, err = strconv.Atoi(word); err != nil || seconds < 1 {
			return nil, fmt.Errorf("slow-down takes seconds from 1 or off, not %q", word)
		}
	}
	p.pace.mu.Lock()
	defer p.pace.mu.Unlock()
	p.pace.retryAfter = seconds
	return map[string]int{"refused": p.pace.refused}, nil
}
