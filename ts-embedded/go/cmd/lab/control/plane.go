// Package control is a control plane in one process: it registers nodes, gives
// them addresses and MagicDNS names, and lets everybody talk to everybody. It
// brings its own relay.
package control

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"dev.tailbridge/embedded/cmd/lab/derp"
	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration/testcontrol"
)

// plane is the control server on its port, and the relay that its map names.
type plane struct {
	relay  *derp.Relay
	server *testcontrol.Server
	port   int
	pace   pace

	mu       sync.Mutex
	listener *derp.Listener // nil during an outage
}

func start(port int, domain, authKey string, derpDelay time.Duration) (*plane, error) {
	relay, err := derp.Start(0, 0, derpDelay)
	if err != nil {
		return nil, err
	}
	p := &plane{
		relay: relay,
		port:  port,
		server: &testcontrol.Server{
			Logf:           log.Printf,
			DERPMap:        relay.Map(),
			DNSConfig:      &tailcfg.DNSConfig{Proxied: true},
			MagicDNSDomain: domain,
			RequireAuthKey: authKey,
			AllOnline:      true,
		},
	}
	p.server.MaybeRateLimitRegister = p.pace.refuses
	if err := p.up(); err != nil {
		relay.Close()
		return nil, err
	}
	return p, nil
}

// up listens, again on the same port after an outage; it does nothing while up.
func (p *plane) up() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	l, err := derp.Listen(p.port, 0)
	if err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	p.port = l.Addr().(*net.TCPAddr).Port
	p.server.ExplicitBaseURL = p.url()
	web := &http.Server{Handler: p.server, ErrorLog: log.New(log.Writer(), "control: ", 0)}
	go web.Serve(l)
	p.listener = l
	return nil
}

// down ends every connection and closes the port; what was registered stays.
func (p *plane) down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return
	}
	p.listener.Close()
	p.listener = nil
}

func (p *plane) url() string { return fmt.Sprintf("http://127.0.0.1:%d", p.port) }

func (p *plane) close() {
	p.down()
	p.relay.Close()
}

// find is the node of that name, short or whole, or of that address.
func (p *plane) find(name string) (*tailcfg.Node, error) {
	for _, n := range p.server.AllNodes() {
		full := strings.TrimSuffix(n.Name, ".")
		short, _, _ := strings.Cut(full, ".")
		if name == short || name == full || name == n.Name {
			return n, nil
		}
		for _, a := range n.Addresses {
			if a.Addr().String() == name {
				return n, nil
			}
		}
	}
	return nil, fmt.Errorf("no node is called %q", name)
}

// expire sets the end of a node's key, in the past or back to never.
func (p *plane) expire(name string, at time.Time) error {
	n, err := p.find(name)
	if err != nil {
		return err
	}
	n.KeyExpiry = at
	p.server.UpdateNode(n)
	return nil
}
