package wgload

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"dev.tailbridge/embedded/cmd/lab/inner"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/usage"
)

const (
	echoPort, discardPort = 7, 9
	sourcePort            = 40000
	// echoesWithin is how long the last echoes are waited for.
	echoesWithin = 200 * time.Millisecond
)

// Manual is the list of commands, without clients to run them on.
func Manual() []line.Command { return (*generator)(nil).commands() }

func (g *generator) commands() []line.Command {
	return []line.Command{
		line.On("server", "KEY IP:PORT", "use that server", g.useServer),
		line.On("connect", "[wait=10]", "handshakes of all clients, unless their sessions are younger than 60 s; runs connect by themselves", g.connectAll),
		line.On("send", "[size=128] [rate=0] [seconds=5] [port=9]", "packets of size bytes to the server's UDP port, rate a second in all or as many as possible: RUN", g.send),
		line.On("echo", "[size=128] [rate=0] [seconds=5] [window=512] [port=7]", "as send, and each is expected back; at most window packets of each client are on their way (0: no limit): RUN", g.echo),
		line.On("receive", "[seconds=5]", `count what comes: RUN; RUN is {"sent":packets,"failed":n refused by the kernel,"received":packets,"receivedBytes":n, padding included,"disordered":n overtaken by others,"late":n by 32 or more,"seconds":x,"cpuSeconds":x of this process}`, g.receive),
	}
}

type run struct {
	Sent          int64   `json:"sent"`
	Failed        int64   `json:"failed"`
	Received      int64   `json:"received"`
	ReceivedBytes int64   `json:"receivedBytes"`
	Disordered    int64   `json:"disordered"`
	Late          int64   `json:"late"`
	Seconds       float64 `json:"seconds"`
	CPUSeconds    float64 `json:"cpuSeconds"`
}

func (g *generator) counted() (r run) {
	for _, c := range g.clients {
		r.Received += c.received.Load()
		r.ReceivedBytes += c.receivedBytes.Load()
		r.Disordered += c.disordered.Load()
		r.Late += c.late.Load()
	}
	r.CPUSeconds = usage.CPUSeconds()
	return r
}

func (r run) since(before run) run {
	r.Received -= before.Received
	r.ReceivedBytes -= before.ReceivedBytes
	r.Disordered -= before.Disordered
	r.Late -= before.Late
	r.CPUSeconds -= before.CPUSeconds
	return r
}

func (g *generator) useServer(_ context.Context, args line.Args) (any, error) {
	return line.Done, g.setServer(args.Word(0), args.Word(1))
}

func (g *generator) connectAll(ctx context.Context, args line.Args) (any, error) {
	wait, err := args.Seconds("wait", 10*time.Second)
	if err != nil {
		return nil, err
	}
	return line.Done, g.connect(ctx, wait)
}

func (g *generator) connect(ctx context.Context, wait time.Duration) error {
	if g.clients[0].socket == nil {
		return errors.New("no server yet: give -peer-key, or the command server")
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return g.each(func(_ int, c *client) error { return c.connect(ctx) })
}

// each calls do for all clients at once.
func (g *generator) each(do func(i int, c *client) error) error {
	var all sync.WaitGroup
	failures := make([]error, len(g.clients))
	for i, c := range g.clients {
		all.Go(func() { failures[i] = do(i, c) })
	}
	all.Wait()
	return errors.Join(failures...)
}

func (g *generator) send(ctx context.Context, args line.Args) (any, error) {
	return g.load(ctx, args, discardPort, false)
}

func (g *generator) echo(ctx context.Context, args line.Args) (any, error) {
	return g.load(ctx, args, echoPort, true)
}

func (g *generator) load(ctx context.Context, args line.Args, usualPort int64, echoed bool) (any, error) {
	size, err := args.OptionInt("size", 128, inner.Headers, 1420)
	if err != nil {
		return nil, err
	}
	rate, err := args.OptionInt("rate", 0, 0, 10_000_000)
	if err != nil {
		return nil, err
	}
	port, err := args.OptionInt("port", usualPort, 1, 65535)
	if err != nil {
		return nil, err
	}
	window := int64(0)
	if echoed {
		if window, err = args.OptionInt("window", 512, 0, 1_000_000); err != nil {
			return nil, err
		}
	}
	span, err := runTime(args)
	if err != nil {
		return nil, err
	}
	if err := g.connect(ctx, 10*time.Second); err != nil {
		return nil, err
	}
	results := make([]run, len(g.clients))
	before, begun := g.counted(), time.Now()
	err = g.each(func(i int, c *client) error {
		packet, err := inner.UDP(netip.AddrPortFrom(c.address, sourcePort), netip.AddrPortFrom(g.server, uint16(port)), int(size))
		if err != nil {
			return err
		}
		l := load{packet, float64(rate) / float64(len(g.clients)), window, span, g.gso}
		results[i].Sent, results[i].Failed, err = c.run(ctx, l)
		return err
	})
	seconds := time.Since(begun).Seconds()
	var sent, failed int64
	for _, r := range results {
		sent += r.Sent
		failed += r.Failed
	}
	if echoed {
		for over := time.Now().Add(echoesWithin); g.counted().Received-before.Received < sent && time.Now().Before(over); {
			time.Sleep(time.Millisecond)
		}
	}
	r := g.counted().since(before)
	r.Sent, r.Failed, r.Seconds = sent, failed, seconds
	return r, err
}

func (g *generator) receive(ctx context.Context, args line.Args) (any, error) {
	span, err := runTime(args)
	if err != nil {
		return nil, err
	}
	if err := g.connect(ctx, 10*time.Second); err != nil {
		return nil, err
	}
	before, begun := g.counted(), time.Now()
	select {
	case <-time.After(span):
	case <-ctx.Done():
	}
	r := g.counted().since(before)
	r.Seconds = time.Since(begun).Seconds()
	return r, nil
}

func runTime(args line.Args) (time.Duration, error) {
	span, err := args.Seconds("seconds", 5*time.Second)
	if err == nil && span > maxRun {
		err = fmt.Errorf("a run lasts at most %d s: a session has to outlive it", int(maxRun.Seconds()))
	}
	return span, err
}
