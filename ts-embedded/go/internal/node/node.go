// Package node runs one tailnet node: a tsnet server in Tun mode whose packets
// go to Java over a [link.Device].
//
// Each node has one actor goroutine, the only one that starts and closes the
// server: closing it before or during its start would race inside tsnet. All
// others ask the actor by cancelling the context of the node.
package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"dev.tailbridge/embedded/internal/frame"
	"dev.tailbridge/embedded/internal/link"
	"dev.tailbridge/embedded/internal/redact"
	"golang.org/x/sys/unix"
	"tailscale.com/client/local"
	"tailscale.com/tsnet"
)

// Config is the body of a start request.
type Config struct {
	Node         uint64   `json:"node"`
	Name         string   `json:"name"`
	Dir          string   `json:"dir"`
	Hostname     string   `json:"hostname"`
	ControlURL   string   `json:"controlUrl"`
	AuthKey      string   `json:"authKey"`
	ClientSecret string   `json:"clientSecret"`
	Tags         []string `json:"tags"`
	Ephemeral    bool     `json:"ephemeral"`
	Login        bool     `json:"login"` // its identity is gone or no longer taken
	Port         uint16   `json:"port"`
}

// Host is what a node needs around it.
type Host struct {
	Frames *frame.Writer
	Level  Level
	// Released is called once all resources of the node are free, before Java
	// is told.
	Released func(*Node)
}

// Node is one tailnet node.
type Node struct {
	config  Config
	host    Host
	secrets redact.Redactor
	server  *tsnet.Server
	device  *link.Device
	state   state
	client  *local.Client // set once started
	api     connections

	ctx     context.Context // done when the node is to end; its cause says why
	end     context.CancelCauseFunc
	started chan struct{} // closed when the server runs
	done    chan struct{} // closed when all is released
}

var (
	errStopped      = errors.New("stopped")
	errEngineClosed = errors.New("the engine of the node closed itself")
)

// Start makes the packet pair and begins to start the node. fd is Java's end
// of the pair. All that happens later is told by events.
func Start(config Config, host Host) (n *Node, fd int, err error) {
	if config.Node == 0 || config.Dir == "" || config.Hostname == "" {
		return nil, -1, errors.New("a node needs a number above 0, a directory and a host name")
	}
	n = &Node{
		config:  config,
		host:    host,
		secrets: redact.New(config.AuthKey, config.ClientSecret),
		started: make(chan struct{}),
		done:    make(chan struct{}),
	}
	n.ctx, n.end = context.WithCancelCause(context.Background())
	n.state.init(config.Node)
	ours, fd, err := link.Pair()
	if err != nil {
		return nil, -1, err
	}
	n.device, err = link.New(ours, func(err error) { n.end(err) })
	if err != nil {
		unix.Close(fd)
		return nil, -1, err
	}
	n.server = newServer(config, n.device, n.logf(backendLog), n.logf(userLog))
	return n, fd, nil
}

// Run lets the actor begin; it is called once, after Java was told about the
// pair.
func (n *Node) Run() {
	go n.run()
}

// Number is the one Java chose.
func (n *Node) Number() uint64 { return n.config.Node }

// Dir is the state directory, which no other node may use.
func (n *Node) Dir() string { return n.config.Dir }

// Stop makes the node end. The channel is closed when it did.
func (n *Node) Stop() <-chan struct{} {
	n.end(errStopped)
	return n.done
}

func (n *Node) run() {
	if n.ctx.Err() == nil {
		if err := n.live(); err != nil {
			n.end(err)
		}
	}
	n.release()
	cause := context.Cause(n.ctx)
	n.host.Released(n)
	if cause != errStopped {
		n.host.Frames.Ended(ended{n.config.Node, n.secrets.Line(cause.Error())})
	}
	close(n.done)
}

type ended struct {
	Node  uint64 `json:"node"`
	Error string `json:"error"`
}

// live starts the server, which does not wait for the network, and watches it
// until the node is to end.
func (n *Node) live() (err error) {
	defer n.recovered(&err)
	if err := n.server.Start(); err != nil {
		return fmt.Errorf("start of node %s: %w", n.config.Name, err)
	}
	if n.client, err = n.server.LocalClient(); err != nil {
		return err
	}
	n.api.watch(n.client)
	close(n.started)
	n.watch()
	return nil
}

// release closes the server, unless it failed before there was anything that
// Close could take, and what a failed start left open.
func (n *Node) release() {
	var err error
	n.api.close()
	func() {
		defer n.recovered(&err)
		if n.server.Sys() != nil {
			n.server.Close()
		}
	}()
	func() {
		defer n.recovered(&err)
		closeEngine(n.server)
	}()
	n.device.Close()
	if err != nil {
		n.log(levelError, err.Error())
	}
}

// recovered turns a panic into an error. It is the last resort: without it one
// node would end the whole process.
func (n *Node) recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic in node %s: %v at %s", n.config.Name, r, debug.Stack())
	}
}

func newServer(config Config, device *link.Device, backend, user func(string, ...any)) *tsnet.Server {
	s := &tsnet.Server{
		Dir:           config.Dir,
		Hostname:      config.Hostname,
		ControlURL:    config.ControlURL,
		AdvertiseTags: config.Tags,
		Ephemeral:     config.Ephemeral,
		Port:          config.Port,
		Tun:           device,
		Logf:          backend,
		UserLogf:      user,
	}
	if !config.Login && !config.Ephemeral && enrolled(config.Dir) {
		return s
	}
	if secret := clientSecret(config); secret != "" {
		s.ClientSecret = withAttributes(secret, config.Ephemeral)
	} else {
		s.AuthKey = config.AuthKey
	}
	return s
}

const clientSecretPrefix = "tskey-client-"

// clientSecret is the OAuth client secret, which tailscale also takes in place
// of an auth key.
func clientSecret(config Config) string {
	if config.ClientSecret == "" && strings.HasPrefix(config.AuthKey, clientSecretPrefix) {
		return config.AuthKey
	}
	return config.ClientSecret
}

// withAttributes asks for keys that make lasting devices, which need no
// approval: the opposite is tailscale's default. What the user wrote stays.
func withAttributes(secret string, ephemeral bool) string {
	for _, attribute := range []string{fmt.Sprintf("ephemeral=%t", ephemeral), "preauthorized=true"} {
		name, _, _ := strings.Cut(attribute, "=")
		_, attributes, found := strings.Cut(secret, "?")
		switch {
		case !found:
			secret += "?" + attribute
		case !strings.Contains("&"+attributes, "&"+name+"="):
			secret += "&" + attribute
		}
	}
	return secret
}

// enrolled tells whether dir holds the identity of a node. A credential is given
// only to a node that needs one: a client secret is exchanged for a key at each
// start, before the stored state is looked at, and an auth key goes into each
// registration, where Headscale spends a tenth of a second of CPU on its bcrypt
// hash. An ephemeral node logs out when it ends, so it needs one each time.
func enrolled(dir string) bool {
	state, err := os.ReadFile(dir + "/tailscaled.state")
	return err == nil && strings.Contains(string(state), `"profile-`)
}
