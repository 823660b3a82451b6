package node

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"dev.tailbridge/embedded/internal/link"
	"tailscale.com/health"
	"tailscale.com/ipn"
	"tailscale.com/tailcfg"
	"tailscale.com/tsconst"
)

// Status is the body of a status event: all there is to say about a node.
type Status struct {
	Node      uint64   `json:"node"`
	State     string   `json:"state"`
	Ready     bool     `json:"ready"`
	AuthURL   string   `json:"authUrl"`
	NodeID    string   `json:"nodeId"`  // the control server's own name for it
	DNSName   string   `json:"dnsName"` // without the final dot
	IPs       []string `json:"ips"`
	DERPHome  string   `json:"derpHome"`
	Health    []string `json:"health"`
	KeyExpiry string   `json:"keyExpiry"` // RFC 3339, or empty if it does not expire
	Peers     int      `json:"peers"`
	NetMap    uint64   `json:"netMap"` // counts changes of machines and users
	Error     string   `json:"error"`
	Packets   Packets  `json:"packets"`
}

// Packets are the drops on the packet pair.
type Packets struct {
	ToJavaDropped uint64 `json:"toJavaDropped"`
	FromJavaBad   uint64 `json:"fromJavaBad"`
}

// state collects what the bus of the backend tells into a Status.
type state struct {
	mu         sync.Mutex
	now        Status
	sent       Status
	peers      map[tailcfg.NodeID]bool
	loginError string
	busError   string
	region     int
	forgotten  bool
}

func (s *state) init(node uint64) {
	s.now = Status{Node: node, State: ipn.NoState.String(), IPs: []string{}, Health: []string{}}
	s.peers = map[tailcfg.NodeID]bool{}
}

// notFound is how tailscale tells that the control server knows no such machine
// any more: it was deleted there. The backend goes on asking, and says neither on
// the bus nor among its warnings that nobody can reach the node.
const notFound = "initial fetch failed 404: node not found"

// hear listens to what the backend logs. A machine that was deleted needs a login
// as one does whose key has ended, for the rest of this node's life.
func (s *state) hear(line string) {
	if strings.Contains(line, notFound) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.forgotten = true
	}
}

// apply takes over one message of the bus, and tells whether there was something
// in it.
func (s *state) apply(m *ipn.Notify) bool {
	netMap := m.InitialStatus != nil || m.SelfChange != nil || len(m.PeersChanged) > 0 ||
		len(m.PeersRemoved) > 0 || len(m.UserProfiles) > 0
	if !netMap && m.State == nil && m.BrowseToURL == nil && m.ErrMessage == nil && m.Health == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.State != nil {
		s.now.State = m.State.String()
		if *m.State == ipn.Running {
			s.now.AuthURL, s.busError = "", ""
		} else {
			s.now.Ready = false
		}
	}
	if m.BrowseToURL != nil {
		s.now.AuthURL = *m.BrowseToURL
	}
	if m.ErrMessage != nil {
		s.busError = *m.ErrMessage
	}
	if m.Health != nil {
		s.applyHealth(m.Health)
	}
	s.applySelf(m)
	s.applyPeers(m)
	// What whois says comes from these; patches of peers do not touch it.
	if netMap {
		s.now.NetMap++
	}
	return true
}

func (s *state) applyHealth(h *health.State) {
	s.now.Health = []string{}
	for _, warning := range h.Warnings {
		s.now.Health = append(s.now.Health, warning.Text)
	}
	slices.Sort(s.now.Health)
	s.loginError = h.Warnings[tsconst.HealthWarnableLoginState].Args[health.ArgError]
}

func (s *state) applySelf(m *ipn.Notify) {
	switch {
	case m.SelfChange != nil:
		self := m.SelfChange
		s.now.NodeID = string(self.StableID)
		s.now.DNSName = strings.TrimSuffix(self.Name, ".")
		s.now.KeyExpiry = expiry(self.KeyExpiry)
		s.now.IPs = []string{}
		for _, prefix := range self.Addresses {
			s.now.IPs = append(s.now.IPs, prefix.Addr().String())
		}
	case m.InitialStatus != nil && m.InitialStatus.Self != nil:
		self := m.InitialStatus.Self
		s.now.NodeID = string(self.ID)
		s.now.DNSName = strings.TrimSuffix(self.DNSName, ".")
		if self.KeyExpiry != nil {
			s.now.KeyExpiry = expiry(*self.KeyExpiry)
		}
		s.now.IPs = []string{}
		for _, ip := range self.TailscaleIPs {
			s.now.IPs = append(s.now.IPs, ip.String())
		}
	}
}

// applyPeers counts peers. A whole network map comes as a change of self
// together with the list of all peers; all else is a difference.
func (s *state) applyPeers(m *ipn.Notify) {
	if m.InitialStatus != nil {
		clear(s.peers)
		for _, peer := range m.InitialStatus.Peer {
			s.peers[peer.NodeID] = true
		}
	}
	if m.SelfChange != nil && m.PeersChanged != nil {
		clear(s.peers)
	}
	for _, peer := range m.PeersChanged {
		s.peers[peer.ID] = true
	}
	for _, id := range m.PeersRemoved {
		delete(s.peers, id)
	}
	s.now.Peers = len(s.peers)
}

// applyDERP takes over the home region. Once ready, a node stays it until it
// leaves the state Running, even while it moves to another region.
func (s *state) applyDERP(region int, heard bool, code func(int) string) {
	s.mu.Lock()
	moved := region != s.region
	s.mu.Unlock()
	name := ""
	if moved && region != 0 {
		name = code(region) // asks the backend, so without the lock
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if moved {
		s.region, s.now.DERPHome = region, name
	}
	if s.now.State == ipn.Running.String() && region != 0 && heard {
		s.now.Ready = true
	}
}

// snapshot is the status now; news tells whether it differs from the one that
// was called sent last.
func (s *state) snapshot(c link.Counters, line func(string) string) (now Status, news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now = s.now
	if s.forgotten && now.State == ipn.Running.String() {
		now.State, now.Ready = ipn.NeedsLogin.String(), false
	}
	now.Packets = Packets{c.ToJavaDropped, c.FromJavaBad}
	now.Error = s.busError
	if now.Error == "" && now.State != ipn.Running.String() {
		now.Error = s.loginError
	}
	now.Error = line(slowedDown(now.Error))
	now.Health = []string{}
	for _, text := range s.now.Health {
		now.Health = append(now.Health, line(text))
	}
	return now, !reflect.DeepEqual(now, s.sent)
}

// rateLimited begins what tailscale says on the bus of an answer 429, which it
// obeys.
const rateLimited = "node registration rate limited; will retry after "

// slowedDown says it in words. Java knows them by their beginning: this is no
// failure.
func slowedDown(text string) string {
	if wait, limited := strings.CutPrefix(text, rateLimited); limited {
		return "the control server asks to slow down: the node asks again after " + wait
	}
	return text
}

func (s *state) isSent(status Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = status
}

// unsettled tells whether the node is on its way to ready.
func (s *state) unsettled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.State == ipn.Running.String() && !s.now.Ready
}

func expiry(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
