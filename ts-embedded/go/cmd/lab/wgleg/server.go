package wgleg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	wg "golang.zx2c4.com/wireguard/device"
	"golang.zx2c4.com/wireguard/tun"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/probe"
	"dev.tailbridge/embedded/cmd/lab/usage"
)

func (s *Server) build(kind string, mtu int) (tun.Device, error) {
	var err error
	s.counters = new(counters)
	switch kind {
	case "bare":
		s.bare = newBare(mtu, s.bind)
		s.counters = &s.bare.counters
		return s.bare, nil
	case "stock":
		s.inside, err = newStock(s.address, mtu)
	case "tuned":
		s.inside, err = newTuned(s.address, mtu)
	default:
		err = fmt.Errorf("-inside is bare, stock or tuned, not %q", kind)
	}
	if err != nil {
		return nil, err
	}
	return s.inside.link, nil
}

// Close ends it.
func (s *Server) Close() {
	s.device.Close()
	if s.inside != nil {
		s.inside.close()
	}
}

// AddPeers adds peers, each given as KEY=PREFIX.
func (s *Server) AddPeers(peers ...string) error {
	var settings strings.Builder
	for _, text := range peers {
		// A key in base64 ends with = itself.
		i := strings.LastIndex(text, "=")
		if i < 0 {
			return fmt.Errorf("peer %q is no KEY=PREFIX", text)
		}
		key, err := keys.Parse(text[:i])
		if err != nil {
			return fmt.Errorf("peer %q: %w", text, err)
		}
		prefix := text[i+1:]
		if ip, err := netip.ParseAddr(prefix); err == nil {
			prefix = netip.PrefixFrom(ip, ip.BitLen()).String()
		}
		if _, err := netip.ParsePrefix(prefix); err != nil {
			return fmt.Errorf("peer %q is no KEY=PREFIX", text)
		}
		fmt.Fprintf(&settings, "public_key=%x\nallowed_ip=%s\n", key[:], prefix)
	}
	return s.device.IpcSet(settings.String())
}

func (s *Server) listenPort() (uint16, error) {
	text, err := s.device.IpcGet()
	if err != nil {
		return 0, err
	}
	for entry := range strings.SplitSeq(text, "\n") {
		if port, ok := strings.CutPrefix(entry, "listen_port="); ok {
			n, err := strconv.ParseUint(port, 10, 16)
			return uint16(n), err
		}
	}
	return 0, errors.New("wireguard-go tells no port")
}

// PublicKey is the server's.
func (s *Server) PublicKey() keys.Key { return s.public }

// Dial opens a connection in the tunnel, where there is a network stack.
func (s *Server) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.inside == nil {
		return nil, errBare
	}
	return s.inside.dial(ctx, network, address)
}

// Endpoint is where it listens.
func (s *Server) Endpoint() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), s.port)
}

// Manual is the list of commands, without a server to run them on.
func Manual() []line.Command { return (*Server)(nil).Commands() }

// Commands are what the server does when asked.
func (s *Server) Commands() []line.Command {
	own := []line.Command{
		line.On("peers", "KEY=PREFIX...", "add peers", s.addPeers),
		line.On("status", "", `since the start: {"received":packets,"receivedBytes":n,"sent":packets,"dropped":packets,"datagramsSent":n,"cpuSeconds":x,"rssBytes":n}; bytes: those of whole packets with -inside bare, otherwise of UDP payloads`, s.status),
		line.On("source", "IP:PORT [size=128] [rate=0] [seconds=5]", `send packets of size bytes, IPv4 header included, from UDP port 7, rate a second or as many as the tunnel takes (only with -inside bare): {"sent":n,"seconds":x,"cpuSeconds":x of this process meanwhile}`, s.source),
	}
	return append(own, probe.Commands(s.Dial)...)
}

func (s *Server) addPeers(_ context.Context, args line.Args) (any, error) {
	return line.Done, s.AddPeers(strings.Fields(args.Text(0))...)
}

type status struct {
	Received      int64   `json:"received"`
	ReceivedBytes int64   `json:"receivedBytes"`
	Sent          int64   `json:"sent"`
	Dropped       int64   `json:"dropped"`
	DatagramsSent int64   `json:"datagramsSent"`
	CPUSeconds    float64 `json:"cpuSeconds"`
	RSSBytes      int64   `json:"rssBytes"`
}

func (s *Server) status(context.Context, line.Args) (any, error) {
	c := s.counters
	return status{
		c.received.Load(), c.receivedBytes.Load(), c.sent.Load(), c.dropped.Load(),
		s.bind.sent.Load(), usage.CPUSeconds(), usage.RSSBytes(),
	}, nil
}

type sourced struct {
	Sent       int64   `json:"sent"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

func (s *Server) source(ctx context.Context, args line.Args) (any, error) {
	if s.bare == nil {
		return nil, errors.New("only with -inside bare")
	}
	to, err := netip.ParseAddrPort(args.Word(0))
	if err != nil {
		return nil, fmt.Errorf("%q is no IP:PORT", args.Word(0))
	}
	size, err := args.OptionInt("size", 128, 28, int64(s.bare.mtu))
	if err != nil {
		return nil, err
	}
	rate, err := args.OptionInt("rate", 0, 0, 10_000_000)
	if err != nil {
		return nil, err
	}
	span, err := args.Seconds("seconds", 5*time.Second)
	if err != nil {
		return nil, err
	}
	before := usage.CPUSeconds()
	sent, seconds, err := s.bare.stream(ctx, netip.AddrPortFrom(s.address, echoPort), to, int(size), float64(rate), span)
	return sourced{sent, seconds, usage.CPUSeconds() - before}, err
}

// Forget makes the server lose all that it has with a peer, as a restart does,
// keep the endpoint, and initiate to it at once.
func (s *Server) Forget(peer keys.Key, allowed netip.Prefix, endpoint netip.AddrPort) error {
	err := s.device.IpcSet(fmt.Sprintf("public_key=%x\nremove=true\npublic_key=%x\nallowed_ip=%s\nendpoint=%s\n", peer[:], peer[:], allowed, endpoint))
	if err != nil {
		return err
	}
	p := s.device.LookupPeer(wg.NoisePublicKey(peer))
	if p == nil {
		return errors.New("there is no such peer")
	}
	return p.SendHandshakeInitiation(false)
}
