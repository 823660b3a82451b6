package node

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"testing"

	"dev.tailbridge/embedded/internal/link"
	"tailscale.com/health"
	"tailscale.com/ipn"
	"tailscale.com/tailcfg"
	"tailscale.com/tsconst"
)

func TestClientSecretAsksForLastingDevices(t *testing.T) {
	const s = "tskey-client-k-abc"
	for in, want := range map[string]string{
		s:                                   s + "?ephemeral=false&preauthorized=true",
		s + "?ephemeral=true":               s + "?ephemeral=true&preauthorized=true",
		s + "?baseURL=http://x":             s + "?baseURL=http://x&ephemeral=false&preauthorized=true",
		s + "?preauthorized=0&ephemeral=no": s + "?preauthorized=0&ephemeral=no",
	} {
		if got := withAttributes(in, false); got != want {
			t.Errorf("%s became %s", in, got)
		}
	}
	if got := withAttributes(s, true); got != s+"?ephemeral=true&preauthorized=true" {
		t.Error(got)
	}
}

func TestCredentialsAreForLogins(t *testing.T) {
	const key, secret = "hskey-auth-x", "tskey-client-x?ephemeral=false&preauthorized=true"
	for _, test := range []struct {
		config                 Config
		key, secret, ephemeral string
	}{
		{Config{ClientSecret: "tskey-client-x"}, "", secret, "tskey-client-x?ephemeral=true&preauthorized=true"},
		{Config{AuthKey: "tskey-client-x"}, "", secret, "tskey-client-x?ephemeral=true&preauthorized=true"},
		{Config{AuthKey: key}, key, "", ""},
	} {
		c := test.config
		c.Dir = t.TempDir()
		given := func(what, key, secret string) {
			t.Helper()
			none := func(string, ...any) {}
			if s := newServer(c, nil, none, none); s.AuthKey != key || s.ClientSecret != secret {
				t.Errorf("%s: key %q, client secret %q", what, s.AuthKey, s.ClientSecret)
			}
		}
		given("new node", test.key, test.secret)
		state := `{"_machinekey":"cHJpdg==","profile-1a2b":"e30="}`
		if err := os.WriteFile(c.Dir+"/tailscaled.state", []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
		given("enrolled node", "", "")
		c.Login = true
		given("node whose identity is no longer taken", test.key, test.secret)
		c.Login, c.Ephemeral = false, true
		given("ephemeral node, which logged out at its end", test.key, test.ephemeral)
	}
}

func peers(ids ...tailcfg.NodeID) []*tailcfg.Node {
	nodes := []*tailcfg.Node{}
	for _, id := range ids {
		nodes = append(nodes, &tailcfg.Node{ID: id})
	}
	return nodes
}

func TestPeersAreCountedThroughMapsAndDifferences(t *testing.T) {
	self := &tailcfg.Node{StableID: "n7CNTRL", Name: "chip.tail.ts.net.", Addresses: []netip.Prefix{netip.MustParsePrefix("100.64.0.1/32")}}
	var s state
	s.init(1)
	for i, step := range []struct {
		message ipn.Notify
		want    int
	}{
		{ipn.Notify{SelfChange: self, PeersChanged: peers(1, 2, 3)}, 3}, // whole map
		{ipn.Notify{PeersChanged: peers(3, 4)}, 4},
		{ipn.Notify{PeersRemoved: []tailcfg.NodeID{1, 9}}, 3},
		{ipn.Notify{SelfChange: self}, 3},                         // self alone
		{ipn.Notify{SelfChange: self, PeersChanged: peers(7)}, 1}, // whole map
		{ipn.Notify{SelfChange: self, PeersChanged: peers()}, 0},  // whole map
	} {
		s.apply(&step.message)
		if now, _ := s.snapshot(link.Counters{}, same); now.Peers != step.want || now.DNSName != "chip.tail.ts.net" || now.NodeID != "n7CNTRL" {
			t.Errorf("step %d: %+v", i, now)
		}
	}
}

func TestTheNetMapCountsWhatWhoisDependsOn(t *testing.T) {
	var s state
	s.init(1)
	running := ipn.Running
	for i, step := range []struct {
		message ipn.Notify
		want    uint64
		said    bool
	}{
		{ipn.Notify{State: &running}, 0, true},
		{ipn.Notify{SelfChange: &tailcfg.Node{}, PeersChanged: peers(1)}, 1, true},
		{ipn.Notify{PeerChangedPatch: []*tailcfg.PeerChange{{NodeID: 1, DERPRegion: 2}}}, 1, false},
		{ipn.Notify{PeersChanged: peers(1)}, 2, true}, // as when its tags change
		{ipn.Notify{PeersRemoved: []tailcfg.NodeID{1}}, 3, true},
		{ipn.Notify{UserProfiles: map[tailcfg.UserID]tailcfg.UserProfileView{1: {}}}, 4, true},
		{ipn.Notify{Version: "1"}, 4, false}, // as when a machine changed that it may not see
	} {
		said := s.apply(&step.message)
		if now, _ := s.snapshot(link.Counters{}, same); now.NetMap != step.want || said != step.said {
			t.Errorf("step %d: %d, %t", i, now.NetMap, said)
		}
	}
}

func same(text string) string { return text }

func TestReadyNeedsRunningAndAFrameFromTheHomeDERP(t *testing.T) {
	var s state
	s.init(1)
	code := func(int) string { return "lab" }
	check := func(what string, want bool) {
		t.Helper()
		if now, _ := s.snapshot(link.Counters{}, same); now.Ready != want {
			t.Errorf("%s: %+v", what, now)
		}
	}
	state := func(to ipn.State) { s.apply(&ipn.Notify{State: &to}) }
	s.applyDERP(1, true, code)
	check("not running", false)
	state(ipn.Running)
	s.applyDERP(1, false, code)
	check("no frame yet", false)
	s.applyDERP(0, true, code)
	check("no home", false)
	s.applyDERP(1, true, code)
	check("all there", true)
	s.applyDERP(2, false, code)
	check("moving home", true)
	state(ipn.Stopped)
	check("stopped", false)
}

func TestStatusTellsTheLoginErrorAndIsSentOnce(t *testing.T) {
	var s state
	s.init(1)
	s.apply(&ipn.Notify{Health: &health.State{Warnings: map[health.WarnableCode]health.UnhealthyState{
		tsconst.HealthWarnableLoginState: {Text: "logged out", Args: health.Args{health.ArgError: "key is bad"}},
	}}})
	now, news := s.snapshot(link.Counters{}, same)
	if !news || now.Error != "key is bad" || len(now.Health) != 1 {
		t.Errorf("%+v", now)
	}
	s.isSent(now)
	if now, news := s.snapshot(link.Counters{}, same); news {
		t.Errorf("sent again: %+v", now)
	}
	if _, news := s.snapshot(link.Counters{ToJavaDropped: 1}, same); !news {
		t.Error("a counter is no news")
	}
	running := ipn.Running
	s.apply(&ipn.Notify{State: &running})
	if now, _ := s.snapshot(link.Counters{}, same); now.Error != "" {
		t.Errorf("running and yet %q", now.Error)
	}
}

func TestBeingToldToSlowDownIsSaidInWords(t *testing.T) {
	for said, want := range map[string]string{
		"node registration rate limited; will retry after 1s": "the control server asks to slow down: the node asks again after 1s",
		"rate limited: register request: http 503":            "rate limited: register request: http 503",
		"": "",
	} {
		if got := slowedDown(said); got != want {
			t.Errorf("%q became %q", said, got)
		}
	}
}

func TestAMachineThatWasDeletedNeedsALogin(t *testing.T) {
	n := &Node{host: Host{Level: levelError}}
	n.state.init(1)
	running := ipn.Running
	n.state.apply(&ipn.Notify{State: &running})
	state := func() string {
		now, _ := n.state.snapshot(link.Counters{}, same)
		return now.State
	}
	logf := n.logf(backendLog)
	logf("lite map update error after %v: %v", "5ms", errors.New("initial fetch failed 502: node not found"))
	if got := state(); got != "Running" {
		t.Errorf("after another error: %s", got)
	}
	for range 2 * burst { // what is not logged any more counts too
		logf("lite map update error after %v: %v", "5ms", errors.New("connection refused"))
	}
	logf("lite map update error after %v: %v", "5ms", fmt.Errorf("poll: %w", errors.New("initial fetch failed 404: node not found")))
	if got := state(); got != "NeedsLogin" {
		t.Errorf("after its deletion: %s", got)
	}
}
