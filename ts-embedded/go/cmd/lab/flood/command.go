package flood

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"time"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
)

// Flags are the options of lab flood.
type Flags struct {
	endpoint, peer string
	sockets        int
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.endpoint, "endpoint", "127.0.0.1:51820", "`IP:PORT` of the server, on loopback")
	set.StringVar(&f.peer, "peer-key", "", "the server's public `KEY` in base64, for valid-mac1")
	set.IntVar(&f.sockets, "sockets", 200, "`N` sockets, each on an address 127.77.x.y of its own")
}

type ready struct {
	Ready   string `json:"ready"`
	Sockets int    `json:"sockets"`
}

// Run is lab flood.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	target, err := netip.ParseAddrPort(f.endpoint)
	if err != nil || !target.Addr().IsLoopback() {
		return fmt.Errorf("-endpoint %s is no IP:PORT on loopback", f.endpoint)
	}
	if f.sockets < 1 || f.sockets > 10_000 {
		return fmt.Errorf("-sockets %d is not from 1 to 10000", f.sockets)
	}
	var server keys.Key
	if f.peer != "" {
		if server, err = keys.Parse(f.peer); err != nil {
			return fmt.Errorf("-peer-key: %w", err)
		}
	}
	flood, err := open(target, server, f.sockets)
	if err != nil {
		return err
	}
	defer flood.close()
	return line.Serve(ctx, in, out, ready{"flood", f.sockets}, flood.commands())
}

// Manual is the list of commands, without sockets to run them on.
func Manual() []line.Command { return (*flood)(nil).commands() }

func (f *flood) commands() []line.Command {
	return []line.Command{
		line.On("send", "junk|valid-mac1|replay [hex=INITIATION] [rate=50000] [seconds=5] [count=N] [gso=no|yes]", `that many datagrams a second, up to 32 from each socket in turn, until the time or the count is over; rate=0: as fast as it goes; gso=yes: several in one buffer that the kernel cuts, cheap to send, but a receiver with GRO gets them cheaply, too: {"sent":n,"failed":n,"seconds":x,"rate":x,"answers":n datagrams that came back meanwhile,"cpuSeconds":x of this process}`, f.sendSome),
	}
}

func (f *flood) sendSome(ctx context.Context, args line.Args) (any, error) {
	rate, err := args.OptionInt("rate", 50_000, 0, 10_000_000)
	if err != nil {
		return nil, err
	}
	count, err := args.OptionInt("count", 1<<40, 1, 1<<40)
	if err != nil {
		return nil, err
	}
	span, err := args.Seconds("seconds", 5*time.Second)
	if err != nil {
		return nil, err
	}
	captured, err := hex.DecodeString(args.Option("hex", ""))
	if err != nil {
		return nil, errors.New("hex=... is no hex")
	}
	messages, err := f.messages(args.Word(0), captured)
	if err != nil {
		return nil, err
	}
	return f.send(ctx, messages, options{float64(rate), count, span, args.Option("gso", "no") == "yes"})
}
