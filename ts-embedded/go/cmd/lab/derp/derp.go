// Package derp runs a relay (DERP over TLS) and a STUN server on loopback, which
// a tailnet needs before its nodes come online.
package derp

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"tailscale.com/derp/derpserver"
	"tailscale.com/net/stunserver"
	"tailscale.com/types/key"
)

const loopback = "127.0.0.1"

// Relay is a DERP server that can be stopped and started again on its port, and
// the STUN server beside it, which stays.
type Relay struct {
	identity    key.NodePrivate
	certificate tls.Certificate
	stopSTUN    context.CancelFunc
	port        int
	stunPort    int
	delay       time.Duration

	mu       sync.Mutex
	server   *derpserver.Server // nil while stopped
	listener *Listener
}

// Start runs both servers on these ports; 0 means any free one. What goes through
// the relay takes delay.
func Start(port, stunPort int, delay time.Duration) (*Relay, error) {
	certificate, err := selfSigned()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	stun := stunserver.New(ctx)
	if err := stun.Listen(fmt.Sprintf("%s:%d", loopback, stunPort)); err != nil {
		cancel()
		return nil, fmt.Errorf("STUN: %w", err)
	}
	go stun.Serve()
	r := &Relay{
		identity:    key.NewNode(),
		certificate: certificate,
		stopSTUN:    cancel,
		port:        port,
		stunPort:    stun.LocalAddr().(*net.UDPAddr).Port,
		delay:       delay,
	}
	if err := r.StartDERP(); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// Ports are those of DERP (TCP) and STUN (UDP).
func (r *Relay) Ports() (derp, stun int) { return r.port, r.stunPort }

// StartDERP starts the relay on its port; it does nothing while it runs.
func (r *Relay) StartDERP() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server != nil {
		return nil
	}
	l, err := Listen(r.port, r.delay)
	if err != nil {
		return fmt.Errorf("DERP: %w", err)
	}
	r.port = l.Addr().(*net.TCPAddr).Port
	server := derpserver.New(r.identity, log.Printf)
	web := &http.Server{
		Handler:  derpserver.Handler(server),
		ErrorLog: log.New(log.Writer(), "derp: ", 0),
		// DERP takes the connection over, which HTTP/2 does not allow.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	go web.Serve(tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{r.certificate}}))
	r.server, r.listener = server, l
	return nil
}

// StopDERP cuts every connection and closes the port.
func (r *Relay) StopDERP() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server == nil {
		return
	}
	r.listener.Close()
	r.server.Close()
	r.server, r.listener = nil, nil
}

// Close stops both servers.
func (r *Relay) Close() {
	r.StopDERP()
	r.stopSTUN()
}
