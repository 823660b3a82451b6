package device

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/probe"
)

// Manual is the list of commands, without a chip to run them on.
func Manual() []line.Command { return (*chip)(nil).commands() }

func (d *chip) commands() []line.Command {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return d.now().network.Dial(ctx, network, address)
	}
	own := []line.Command{
		line.On("connect", "[wait=10]", `begin, or go on, and await a handshake: {"connected":b,"ms":x,"port":n}; wait=0 only begins`, d.connect),
		line.On("listen", "", "know the server and wait to be called; no keepalives", d.listen),
		line.On("load", "SECONDS", "be under load for so long: handshakes without a cookie are answered by one; 0: no more", d.load),
		line.On("disconnect", "", "forget the session's keys; network stack and its connections stay", d.disconnect),
		line.On("endpoint", "HOST:PORT", "send to another server address from now on; the session stays", d.redirect),
		line.On("handshake", "[wait=10]", "a new handshake in this session (not within 5 s of the last): as connect", d.handshake),
		line.On("rebind", "[IP]", `another UDP port under the running session, or another address of this host: {"from":n,"to":n}`, d.rebind),
		line.On("sleep", "", "radio off: nothing is sent or received; keys stay", d.sleep),
		line.On("wake", "", "radio on", d.wake),
		line.On("reboot", "[clock=now] [wait=10]", "lose everything but the keys, start on another UDP port with that clock: as connect", d.restart),
		line.On("clock", "now|1970|OFFSET", "set the clock that the next handshakes show: right, seconds since boot, or wrong by a signed duration", d.setClock),
		line.On("status", "", `{"connected":b,"endpoint":s,"port":n,"handshakeAgeSeconds":x,"rxBytes":n,"txBytes":n,"asleep":b,"clock":s,"uptimeSeconds":x,"latePackets":n}; late: overtaken by 32 or more`, d.status),
		line.On("ping", "NAME|IP [count] [timeout=2]", `ICMP echo from the chip: {"result":"ok|no answer","ip":s,"sent":n,"received":n,"ms":[x]}`, d.ping),
		line.On("resolve", "NAME", `ask the resolver in the tunnel: {"ips":[s],"ms":x}`, d.resolve),
	}
	return append(probe.Commands(dial), own...)
}

// await answers connect and its relatives.
func (l *life) await(ctx context.Context, args line.Args, after time.Time) (any, error) {
	wait, err := args.Seconds("wait", 10*time.Second)
	if err != nil {
		return nil, err
	}
	answer, err := l.awaitHandshake(ctx, after, wait)
	if errors.Is(err, errNoHandshake) {
		err = nil // "connected": false says it
	}
	return answer, err
}

func (d *chip) connect(ctx context.Context, args line.Args) (any, error) {
	l := d.now()
	if err := l.connect(ctx, d.server()); err != nil {
		return nil, err
	}
	return l.await(ctx, args, time.Now().Add(-alive))
}

func (d *chip) listen(context.Context, line.Args) (any, error) { return line.Done, d.now().listen() }

func (d *chip) load(_ context.Context, args line.Args) (any, error) {
	seconds, err := args.Int(0, 0, 0, 3600)
	if err != nil {
		return nil, err
	}
	return line.Done, underLoad(d.now().device, time.Duration(seconds)*time.Second)
}

func (d *chip) disconnect(context.Context, line.Args) (any, error) {
	return line.Done, d.now().disconnect()
}

func (d *chip) redirect(ctx context.Context, args line.Args) (any, error) {
	if err := d.now().redirect(ctx, args.Word(0)); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.endpoint = args.Word(0)
	return line.Done, nil
}

func (d *chip) handshake(ctx context.Context, args line.Args) (any, error) {
	l := d.now()
	peer := l.current()
	if peer == nil {
		return nil, errors.New("not connected")
	}
	start := time.Now()
	if err := peer.SendHandshakeInitiation(false); err != nil {
		return nil, err
	}
	return l.await(ctx, args, start)
}

func (d *chip) rebind(_ context.Context, args line.Args) (any, error) {
	socket := d.now().socket
	local := socket.local
	if word := args.Word(0); word != "" {
		var err error
		if local, err = netip.ParseAddr(word); err != nil {
			return nil, fmt.Errorf("%q is no IP address", word)
		}
	}
	from, to, err := socket.rebind(local)
	return map[string]any{"from": from, "to": to}, err
}

func (d *chip) sleep(context.Context, line.Args) (any, error) {
	d.now().socket.muted.Store(true)
	return line.Done, nil
}

func (d *chip) wake(context.Context, line.Args) (any, error) {
	d.now().socket.muted.Store(false)
	return line.Done, nil
}

func (d *chip) restart(ctx context.Context, args line.Args) (any, error) {
	if err := d.reboot(ctx, args.Option("clock", "now")); err != nil {
		return nil, err
	}
	return d.now().await(ctx, args, time.Time{})
}

func (d *chip) setClock(_ context.Context, args line.Args) (any, error) {
	return line.Done, d.now().clock.Set(args.Word(0))
}

func (d *chip) status(context.Context, line.Args) (any, error) { return d.now().status() }

type pinged struct {
	Result   string    `json:"result"`
	IP       string    `json:"ip"`
	Sent     int       `json:"sent"`
	Received int       `json:"received"`
	Millis   []float64 `json:"ms"`
}

func (d *chip) ping(ctx context.Context, args line.Args) (any, error) {
	count, err := args.Int(1, 1, 1, 1000)
	if err != nil {
		return nil, err
	}
	timeout, err := args.Seconds("timeout", 2*time.Second)
	if err != nil {
		return nil, err
	}
	network := d.now().network
	ip, err := network.Lookup(ctx, args.Word(0))
	if err != nil {
		return nil, err
	}
	p, err := network.NewPinger(ip)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	answer := pinged{Result: "no answer", IP: ip.String(), Millis: []float64{}}
	for answer.Sent < int(count) && ctx.Err() == nil {
		answer.Sent++
		waiting, cancel := context.WithTimeout(ctx, timeout)
		took, err := p.Ping(waiting, uint16(answer.Sent))
		cancel()
		if err == nil {
			answer.Result = "ok"
			answer.Received++
			answer.Millis = append(answer.Millis, float64(took.Microseconds())/1000)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
	}
	return answer, nil
}

func (d *chip) resolve(ctx context.Context, args line.Args) (any, error) {
	start := time.Now()
	ips, err := d.now().network.Resolve(ctx, args.Word(0))
	return map[string]any{"ips": ips, "ms": float64(time.Since(start).Microseconds()) / 1000}, err
}
