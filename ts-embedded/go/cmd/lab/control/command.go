package control

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"time"

	"dev.tailbridge/embedded/cmd/lab/derp"
	"dev.tailbridge/embedded/cmd/lab/line"
	"tailscale.com/tailcfg"
)

// Flags are the options of lab control.
type Flags struct {
	domain  string
	authKey string
	login   bool
	port    int
	delay   time.Duration
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.domain, "magicdns-domain", "bridge.test", "`DOMAIN` of the tailnet's names")
	set.StringVar(&f.authKey, "require-auth-key", "", "refuse every registration without this `KEY`, also that of a known node")
	set.BoolVar(&f.login, "require-login", false, "let nobody in before the command login, whatever key it has")
	set.IntVar(&f.port, "port", 0, "TCP `PORT` of the control plane (0: any)")
	derp.DefineDelay(set, &f.delay)
}

type ready struct {
	Ready   string `json:"ready"`
	URL     string `json:"controlUrl"`
	DERP    int    `json:"derpPort"`
	STUN    int    `json:"stunPort"`
	AuthKey string `json:"authKey"`
}

// Run is lab control.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	p, err := start(f.port, f.domain, f.authKey, f.delay)
	if err != nil {
		return err
	}
	defer p.close()
	p.server.RequireAuth = f.login
	derpPort, stunPort := p.relay.Ports()
	anyKey := cmp.Or(f.authKey, "lab-takes-any-key")
	return line.Serve(ctx, in, out, ready{"control", p.url(), derpPort, stunPort, anyKey}, p.commands())
}

// Manual is the list of commands, without a control plane to run them on.
func Manual() []line.Command { return (*plane)(nil).commands() }

func (p *plane) commands() []line.Command {
	own := []line.Command{
		line.On("nodes", "", `{"nodes":[{"name":s,"ips":[s],"derp":n,"endpoints":[s],"expired":b}]}`, p.nodes),
		line.On("login", "URL", "what a person does in a browser at the login URL of a node", p.login),
		line.On("expire", "NODE [AFTER]", "end the key of a node, named by host name or address, now or after so long (240h)", p.expireSoon),
		line.On("unexpire", "NODE", "give the key back, without end", p.unexpire),
		line.On("expire-all", "on|off", "tell all nodes that their keys have ended, or no longer", p.expireAll),
		line.On("dns", "NAME IP", "add a record to the tailnet's DNS", p.addName),
		line.On("slow-down", "SECONDS|off", "answer registrations with 429 and Retry-After, or take them again; "+`{"refused":n}`, p.slowDown),
		line.On("control", "stop|start", "an outage of the control plane, or its end; nodes and port stay", p.power),
	}
	var relay *derp.Relay
	if p != nil {
		relay = p.relay
	}
	return append(own, relay.Commands()...)
}

type node struct {
	Name      string   `json:"name"`
	IPs       []string `json:"ips"`
	DERP      int      `json:"derp"`
	Endpoints []string `json:"endpoints"`
	Expired   bool     `json:"expired"`
}

func (p *plane) nodes(context.Context, line.Args) (any, error) {
	list := []node{}
	for _, n := range p.server.AllNodes() {
		entry := node{Name: n.Name, DERP: n.HomeDERP, Endpoints: []string{}, Expired: !n.KeyExpiry.IsZero() && n.KeyExpiry.Before(time.Now())}
		for _, a := range n.Addresses {
			entry.IPs = append(entry.IPs, a.Addr().String())
		}
		for _, e := range n.Endpoints {
			entry.Endpoints = append(entry.Endpoints, e.String())
		}
		list = append(list, entry)
	}
	return map[string]any{"nodes": list}, nil
}

func (p *plane) login(_ context.Context, args line.Args) (any, error) {
	if !p.server.CompleteAuth(args.Word(0)) {
		return nil, fmt.Errorf("nobody waits for a login at %q", args.Word(0))
	}
	return line.Done, nil
}

func (p *plane) expireSoon(_ context.Context, args line.Args) (any, error) {
	after := -time.Minute
	if text := args.Word(1); text != "" {
		var err error
		if after, err = time.ParseDuration(text); err != nil {
			return nil, err
		}
	}
	return line.Done, p.expire(args.Word(0), time.Now().Add(after))
}

func (p *plane) unexpire(_ context.Context, args line.Args) (any, error) {
	return line.Done, p.expire(args.Word(0), time.Time{})
}

func (p *plane) expireAll(_ context.Context, args line.Args) (any, error) {
	what := args.Word(0)
	if what != "on" && what != "off" {
		return nil, fmt.Errorf("expire-all takes on or off, not %q", what)
	}
	p.server.SetExpireAllNodes(what == "on")
	return line.Done, nil
}

func (p *plane) addName(_ context.Context, args line.Args) (any, error) {
	ip, err := netip.ParseAddr(args.Word(1))
	if err != nil {
		return nil, err
	}
	p.server.AddDNSRecords(tailcfg.DNSRecord{Name: args.Word(0), Value: ip.String()})
	return line.Done, nil
}

func (p *plane) power(_ context.Context, args line.Args) (any, error) {
	switch what := args.Word(0); what {
	case "stop":
		p.down()
	case "start":
		return line.Done, p.up()
	default:
		return nil, fmt.Errorf("control takes stop or start, not %q", what)
	}
	return line.Done, nil
}
