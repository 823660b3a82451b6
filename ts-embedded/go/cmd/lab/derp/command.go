package derp

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

// Flags are the options of lab derp.
type Flags struct {
	mapFile  string
	port     int
	stunPort int
	delay    time.Duration
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.mapFile, "map", "", "`FILE` to write the relay map to, in Headscale's YAML")
	set.IntVar(&f.port, "port", 0, "TCP `PORT` of DERP (0: any)")
	set.IntVar(&f.stunPort, "stun-port", 0, "UDP `PORT` of STUN (0: any)")
	DefineDelay(set, &f.delay)
}

// DefineDelay declares the option that every program with a relay has.
func DefineDelay(set *flag.FlagSet, delay *time.Duration) {
	set.DurationVar(delay, "derp-delay", 0, "`TIME` that packets take through the relay, each way")
}

type ready struct {
	Ready string `json:"ready"`
	DERP  int    `json:"derpPort"`
	STUN  int    `json:"stunPort"`
	Map   string `json:"map,omitempty"`
}

// Run is lab derp.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	r, err := Start(f.port, f.stunPort, f.delay)
	if err != nil {
		return err
	}
	defer r.Close()
	if f.mapFile != "" {
		if err := r.WriteMap(f.mapFile); err != nil {
			return err
		}
	}
	return line.Serve(ctx, in, out, ready{"derp", r.port, r.stunPort, f.mapFile}, r.Commands())
}

// Commands are those of the relay; r may be nil where only their manual is wanted.
func (r *Relay) Commands() []line.Command {
	return []line.Command{
		line.On("derp", "stop|start|restart", "an outage of the relay, or its end; it keeps port and key", r.power),
		line.On("relayed", "", `{"connections":n of clients to the relay}`, r.relayed),
	}
}

func (r *Relay) power(_ context.Context, args line.Args) (any, error) {
	switch what := args.Word(0); what {
	case "stop":
		r.StopDERP()
	case "start":
		return line.Done, r.StartDERP()
	case "restart":
		r.StopDERP()
		return line.Done, r.StartDERP()
	default:
		return nil, fmt.Errorf("derp takes stop, start or restart, not %q", what)
	}
	return line.Done, nil
}

func (r *Relay) relayed(context.Context, line.Args) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	if r.listener != nil {
		n = r.listener.open()
	}
	return map[string]int{"connections": n}, nil
}
