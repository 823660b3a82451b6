package machine

import (
	"context"
	"errors"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
	"tailscale.com/ipn/ipnstate"
	"tailscale.com/tailcfg"
)

const noAnswer = "no answer"

type pinged struct {
	Result   string    `json:"result"`
	IP       string    `json:"ip"`
	Sent     int       `json:"sent"`
	Received int       `json:"received"`
	Millis   []float64 `json:"ms"`
}

func (m *machine) ping(ctx context.Context, args line.Args) (any, error) {
	count, err := args.Int(1, 1, 1, 1000)
	if err != nil {
		return nil, err
	}
	p := pinged{Result: noAnswer, Millis: []float64{}}
	for range count {
		p.Sent++
		r, err := m.probe(ctx, args, tailcfg.PingICMP, 2*time.Second)
		if err != nil {
			return nil, err
		}
		p.IP = r.IP
		if r.Result == "ok" {
			p.Result = "ok"
			p.Received++
			p.Millis = append(p.Millis, r.Millis)
		}
	}
	return p, nil
}

func (m *machine) tsmp(ctx context.Context, args line.Args) (any, error) {
	return m.probe(ctx, args, tailcfg.PingTSMP, 2*time.Second)
}

type route struct {
	Result string  `json:"result"`
	Direct string  `json:"direct"`
	DERP   string  `json:"derp"`
	Millis float64 `json:"ms"`
}

func (m *machine) path(ctx context.Context, args line.Args) (any, error) {
	p, err := m.probe(ctx, args, tailcfg.PingDisco, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return route{p.Result, p.details.Endpoint, p.details.DERPRegionCode, p.Millis}, nil
}

type probed struct {
	Result  string  `json:"result"`
	IP      string  `json:"ip"`
	Millis  float64 `json:"ms"`
	details ipnstate.PingResult
}

// probe sends one ping of that kind to the machine that args name first.
func (m *machine) probe(ctx context.Context, args line.Args, kind tailcfg.PingType, otherwise time.Duration) (probed, error) {
	timeout, err := args.Seconds("timeout", otherwise)
	if err != nil {
		return probed{}, err
	}
	ip, err := m.address(ctx, args.Word(0))
	if err != nil {
		return probed{}, err
	}
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	p := probed{Result: noAnswer, IP: ip.String()}
	r, err := m.local.Ping(waiting, ip, kind)
	switch {
	case err != nil && waiting.Err() == nil:
		return p, err
	case err != nil || r == nil:
		return p, nil
	case r.Err != "":
		return p, errors.New(r.Err)
	}
	p.Result, p.Millis, p.details = "ok", r.LatencySeconds*1000, *r
	return p, nil
}
