package relay

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

// Flags are the options of lab relay.
type Flags struct {
	server string
	delay  time.Duration
	loss   float64
	seed   uint64
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.server, "server", "127.0.0.1:51820", "`IP:PORT` of the WireGuard server, on loopback")
	set.DurationVar(&f.delay, "delay", 0, "`TIME` that each datagram takes, each way")
	set.Float64Var(&f.loss, "loss", 0, "`PERCENT` of the transport messages that are lost, each way")
	set.Uint64Var(&f.seed, "seed", 1, "`N` that decides which are lost")
}

type ready struct {
	Ready string `json:"ready"`
	Port  uint16 `json:"port"`
}

// Run is lab relay.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	server, err := netip.ParseAddrPort(f.server)
	if err != nil || !server.Addr().IsLoopback() {
		return fmt.Errorf("-server %s is no IP:PORT on loopback", f.server)
	}
	if f.delay < 0 || f.delay > 10*time.Second {
		return fmt.Errorf("-delay %s is not from 0 to 10s", f.delay)
	}
	share, err := millionths(f.loss)
	if err != nil {
		return fmt.Errorf("-loss: %w", err)
	}
	r, err := open(server, f.delay, f.seed)
	if err != nil {
		return err
	}
	defer r.close()
	r.loss.Store(share)
	return line.Serve(ctx, in, out, ready{"relay", r.port()}, r.commands())
}

// Manual is the list of commands, without sockets to run them on.
func Manual() []line.Command { return (*relay)(nil).commands() }

func (r *relay) commands() []line.Command {
	return []line.Command{
		line.On("loss", "PERCENT", "lose so many transport messages from now on, each way", r.lose),
		line.On("status", "", `since the start: {"toServer":WAY,"toClient":WAY}; WAY is {"passed":n,"lost":n}`, r.status),
	}
}

func (r *relay) port() uint16 {
	return netip.MustParseAddrPort(r.client.LocalAddr().String()).Port()
}

func millionths(percent float64) (int64, error) {
	if !(percent >= 0 && percent <= 100) {
		return 0, fmt.Errorf("%v is no percentage", percent)
	}
	return int64(percent * 10_000), nil
}

func (r *relay) lose(_ context.Context, args line.Args) (any, error) {
	percent, err := strconv.ParseFloat(args.Word(0), 64)
	if err != nil {
		return nil, err
	}
	share, err := millionths(percent)
	if err != nil {
		return nil, err
	}
	r.loss.Store(share)
	return line.Done, nil
}

type way struct {
	Passed int64 `json:"passed"`
	Lost   int64 `json:"lost"`
}

func (c *counts) now() way { return way{c.passed.Load(), c.lost.Load()} }

func (r *relay) status(context.Context, line.Args) (any, error) {
	return map[string]way{"toServer": r.toServer.now(), "toClient": r.toClient.now()}, nil
}
