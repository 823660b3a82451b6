package fleet

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
)

type ready struct {
	Ready   string   `json:"ready"`
	Devices []device `json:"devices"`
}

type device struct {
	PublicKey string `json:"publicKey"`
	Address   string `json:"address"`
	Port      uint16 `json:"port"` // 0: no server, no socket
}

// Run is lab fleet.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	all, err := f.fleet()
	if err != nil {
		return err
	}
	defer all.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go all.run(ctx)
	return line.Serve(ctx, in, out, ready{"fleet", all.list()}, all.commands())
}

func (f *fleet) list() []device {
	var list []device
	for _, c := range f.chips {
		c.mu.Lock()
		list = append(list, device{c.public.Base64(), c.address.String(), c.port})
		c.mu.Unlock()
	}
	return list
}

// Manual is the list of commands, without a fleet to run them on.
func Manual() []line.Command { return (*fleet)(nil).commands() }

func (f *fleet) commands() []line.Command {
	return []line.Command{
		line.On("server", "KEY IP:PORT [clock=now]", "boot all devices with that server; they say nothing before connect or reboot", f.changeServer),
		line.On("connect", "[wait=10]", "mark, all devices initiate at once, await that all are up: as status", f.connectAll),
		line.On("reboot", "[clock=now|1970|OFFSET] [count=N] [port=new|same] [wait=10]", "all devices, or the first N, lose all but their keys, mark, they initiate at once with those clocks: as connect", f.rebootSome),
		line.On("silence", "[count=N]", "radios off, of all devices or the first N: nothing is sent, received or timed; keys stay", f.turnOff),
		line.On("wake", "[count=N]", "radios on", f.turnOn),
		line.On("mark", "", "measure from now on: sessions stay, only later ones count", f.markNow),
		line.On("await", "[up=N] [heard=N] [wait=10]", "until N devices (otherwise all) are up, or heard, since the mark: as status", f.awaitSome),
		line.On("status", "", `since the mark: {"devices":n,"up":n,"heard":n,"upMs":TIMES,"heardMs":TIMES,"monotonicNanos":n of the mark,"initiated":n,"responses":n,"answered":n server's initiations,"cookies":n,"latePackets":n,"seconds":x since the mark,"cpuSeconds":x of the fleet's process in all,"rssBytes":n}; up: has a session begun since, that packets can go by; heard: the server has used one; TIMES: {"first":x,"p50":x,"p90":x,"p99":x,"last":x}, 0 where there are none`, f.status),
		line.On("times", "", `{"upMs":[x],"heardMs":[x]} of each device in order, since the mark; -1: not yet`, f.times),
		line.On("devices", "", `{"devices":[{"publicKey":s,"address":s,"port":n}]}`, f.devices),
		line.On("ping", "IP [timeout=2]", `one ICMP echo from each device that has a key: {"sent":n,"received":n,"ms":TIMES}`, f.pingAll),
		line.On("initiation", "[device=0]", `the last initiation that a device sent, to be replayed: {"hex":s}`, f.initiation),
	}
}

func (f *fleet) changeServer(_ context.Context, args line.Args) (any, error) {
	key, err := keys.Parse(args.Word(0))
	if err != nil {
		return nil, err
	}
	endpoint, err := netip.ParseAddrPort(args.Word(1))
	if err != nil {
		return nil, fmt.Errorf("%q is no IP:PORT", args.Word(1))
	}
	return line.Done, f.setServer(key, endpoint, args.Option("clock", "now"))
}

// await answers connect and its relatives: when want chips are up, or heard.
func (f *fleet) await(ctx context.Context, args line.Args, count *atomic.Int64, want int) (any, error) {
	wait, err := args.Seconds("wait", 10*time.Second)
	if err != nil {
		return nil, err
	}
	if err := await(ctx, count, want, wait); err != nil {
		return nil, err
	}
	return f.report(), nil
}

func (f *fleet) connectAll(ctx context.Context, args line.Args) (any, error) {
	if err := f.connect(); err != nil {
		return nil, err
	}
	return f.await(ctx, args, &f.mark.Load().up, len(f.chips))
}

func (f *fleet) some(args line.Args) ([]*chip, error) {
	n, err := args.OptionInt("count", int64(len(f.chips)), 0, int64(len(f.chips)))
	return f.chips[:n], err
}

func (f *fleet) rebootSome(ctx context.Context, args line.Args) (any, error) {
	chips, err := f.some(args)
	if err != nil {
		return nil, err
	}
	port := args.Option("port", "new")
	if port != "new" && port != "same" {
		return nil, errors.New("port is new or same")
	}
	if err := f.reboot(chips, args.Option("clock", "now"), port == "new"); err != nil {
		return nil, err
	}
	return f.await(ctx, args, &f.mark.Load().up, len(chips))
}

func (f *fleet) turnOff(_ context.Context, args line.Args) (any, error) {
	chips, err := f.some(args)
	silence(chips, true)
	return line.Done, err
}

func (f *fleet) turnOn(_ context.Context, args line.Args) (any, error) {
	chips, err := f.some(args)
	silence(chips, false)
	return line.Done, err
}

func (f *fleet) markNow(context.Context, line.Args) (any, error) {
	f.setMark()
	return f.report(), nil
}

func (f *fleet) awaitSome(ctx context.Context, args line.Args) (any, error) {
	all := int64(len(f.chips))
	up, err := args.OptionInt("up", all, 0, all)
	if err != nil {
		return nil, err
	}
	heard, err := args.OptionInt("heard", -1, 0, all)
	if err != nil {
		return nil, err
	}
	m := f.mark.Load()
	if heard >= 0 {
		return f.await(ctx, args, &m.heard, int(heard))
	}
	return f.await(ctx, args, &m.up, int(up))
}

func (f *fleet) status(context.Context, line.Args) (any, error) { return f.report(), nil }

func (f *fleet) times(context.Context, line.Args) (any, error) {
	m := f.mark.Load()
	var ups, heards []float64
	for _, c := range f.chips {
		up, heard := c.upSince(m)
		ups, heards = append(ups, milliseconds(up)), append(heards, milliseconds(heard))
	}
	return map[string]any{"upMs": ups, "heardMs": heards}, nil
}

func (f *fleet) devices(context.Context, line.Args) (any, error) {
	return map[string]any{"devices": f.list()}, nil
}

func (f *fleet) pingAll(ctx context.Context, args line.Args) (any, error) {
	to, err := netip.ParseAddr(args.Word(0))
	if err != nil || !to.Is4() {
		return nil, fmt.Errorf("%q is no IPv4 address", args.Word(0))
	}
	timeout, err := args.Seconds("timeout", 2*time.Second)
	if err != nil {
		return nil, err
	}
	sent, err := f.ping(ctx, to, timeout)
	var took []time.Duration
	for _, c := range f.chips {
		c.mu.Lock()
		if c.rtt >= 0 && sent > 0 {
			took = append(took, c.rtt)
		}
		c.mu.Unlock()
	}
	return map[string]any{"sent": sent, "received": len(took), "ms": spread(took)}, err
}

func (f *fleet) initiation(_ context.Context, args line.Args) (any, error) {
	i, err := args.OptionInt("device", 0, 0, int64(len(f.chips)-1))
	if err != nil {
		return nil, err
	}
	c := f.chips[i]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.peer == nil || c.peer.lastInitiation == nil {
		return nil, errors.New("it has sent none in this life")
	}
	return map[string]any{"hex": hex.EncodeToString(slices.Clone(c.peer.lastInitiation))}, nil
}
