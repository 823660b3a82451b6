package machine

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/probe"
)

// Flags are the options of lab client.
type Flags struct {
	controlURL, authKey, hostname, dir string
	derpOnly                           bool
	within                             time.Duration
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.controlURL, "control", "", "`URL` of the control plane (required)")
	set.StringVar(&f.authKey, "auth-key", "", "`KEY` to register with")
	set.StringVar(&f.hostname, "hostname", "", "host `NAME` in the tailnet (required)")
	set.StringVar(&f.dir, "dir", "", "`DIR` for the node's state (required)")
	set.BoolVar(&f.derpOnly, "derp-only", false, "no direct UDP: everything through the relay")
	set.DurationVar(&f.within, "within", time.Minute, "how long getting online may take")
}

type ready struct {
	Ready   string `json:"ready"`
	IP4     string `json:"ip4"`
	IP6     string `json:"ip6"`
	DNSName string `json:"dnsName"`
}

// Run is lab client.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	for name, value := range map[string]string{"-control": f.controlURL, "-hostname": f.hostname, "-dir": f.dir} {
		if value == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	m, err := f.start(ctx)
	if err != nil {
		return err
	}
	defer m.node.Close()
	r := ready{Ready: "client", DNSName: m.self.DNSName}
	for _, ip := range m.self.TailscaleIPs {
		if ip.Is4() {
			r.IP4 = ip.String()
		} else {
			r.IP6 = ip.String()
		}
	}
	return line.Serve(ctx, in, out, r, m.commands())
}

// Manual is the list of commands, without a machine to run them on.
func Manual() []line.Command { return (*machine)(nil).commands() }

func (m *machine) commands() []line.Command {
	own := []line.Command{
		line.On("ping", "NAME|IP [count] [timeout=2]", `ICMP echo, answered by the far machine's stack and not by its node: {"result":"ok|no answer","ip":s,"sent":n,"received":n,"ms":[x]}`, m.ping),
		line.On("tsmp", "NAME|IP [timeout=2]", `ping that the far node answers itself: {"result":"ok|no answer","ip":s,"ms":x}`, m.tsmp),
		line.On("path", "NAME|IP [timeout=5]", `how packets go now: {"result":"ok|no answer","direct":"ip:port" or "","derp":s,"ms":x}`, m.path),
		line.On("wait", "NAME|IP [timeout=20]", `until the machine is visible with a home relay: {"name":s,"ips":[s],"derp":s,"online":b,"seconds":x}`, m.wait),
		line.On("peers", "", `{"peers":[{"name":s,"ips":[s],"derp":s,"direct":s,"online":b,"rxBytes":n,"txBytes":n}]}`, m.peers),
		line.On("whois", "IP", `who has that address, or ip:port: {"name":s,"login":s,"tags":[s]}`, m.whois),
		line.On("resolve", "NAME [type]", `ask MagicDNS for A or AAAA: {"name":s,"ips":[s],"ms":x}`, m.resolve),
		line.On("status", "", `{"state":s,"dnsName":s,"ips":[s],"health":[s],"authUrl":s}`, m.status),
	}
	return append(probe.Commands(m.dial), own...)
}
