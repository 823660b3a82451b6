// Command lab is the test bench: a control plane, a relay, a simulated device and
// a tailnet machine, all on loopback and driven by lines. "lab help" is its manual.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// lastWord is how long the end may take once it is asked for.
const lastWord = 8 * time.Second

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit code: 0 ended as asked, 1 failed, 2 wrong use.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprintln(errs, "lab: which part? "+names()+"; lab help tells more")
		return 2
	}
	p, ok := find(args[0])
	if !ok {
		fmt.Fprintf(errs, "lab: there is no part %q, only %s\n", args[0], names())
		return 2
	}
	set := flag.NewFlagSet("lab "+p.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	verbose := set.Bool("v", false, "log to stderr")
	start := p.define(set)
	bound := set.Duration("end-after", p.bound, "end by itself after `TIME`, 0: never")
	err := set.Parse(p.named(args[1:]))
	switch {
	case errors.Is(err, flag.ErrHelp):
		manual(out, p)
		return 0
	case err == nil && set.NArg() > 0:
		err = fmt.Errorf("what is %q? only options are taken", set.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(errs, "lab %s: %v\n", p.name, oneLine(err))
		return 2
	}

	// The parts log all they know; a discarding log costs them nothing.
	log.SetOutput(io.Discard)
	if *verbose {
		log.SetOutput(errs)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if *bound > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *bound)
		defer cancel()
	}
	ended := make(chan struct{})
	defer close(ended)
	context.AfterFunc(ctx, func() {
		select {
		case <-ended: // and the process may live on, with other parts of a test
		case <-time.After(lastWord):
			os.Exit(1)
		}
	})
	if err := start(ctx, in, out); err != nil && ctx.Err() == nil {
		fmt.Fprintf(errs, "lab %s: %s\n", p.name, oneLine(err))
		return 1
	}
	return 0
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
