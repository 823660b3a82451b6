package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/wgleg"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// bench is a fleet and a server of wireguard-go that knows it.
type bench struct {
	t      *testing.T
	fleet  *fleet
	server *wgleg.Server
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, n int) *bench {
	t.Helper()
	server := startServer(t, &wgleg.Flags{Inside: "tuned", Address: "10.6.0.1", MTU: 1420}, n)
	public, endpoint := server.PublicKey(), server.Endpoint()
	f := Flags{
		devices: n, keepalive: 25, seed: "test", peer: public.Base64(), endpoint: endpoint.String(),
		first: "10.6.0.2", bind: "127.0.0.1", name: "greenhouse", clock: "now",
	}
	all, err := f.fleet()
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ticked := make(chan struct{})
	go func() { defer close(ticked); all.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ticked
		all.close()
	})
	return &bench{t, all, server}
}

func startServer(t *testing.T, f *wgleg.Flags, n int) *wgleg.Server {
	t.Helper()
	server, err := f.Start()
	check(t, err)
	t.Cleanup(server.Close)
	for i := range n {
		public, err := keys.Derive("test", i).Public()
		check(t, err)
		check(t, server.AddPeers(fmt.Sprintf("%s=10.6.%d.%d", public.Base64(), (i+2)/256, (i+2)%256)))
	}
	return server
}

func do(t *testing.T, commands []line.Command, text string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	check(t, line.Serve(context.Background(), strings.NewReader(text+"\n"), &out, line.Done, commands))
	_, answer, _ := strings.Cut(out.String(), "\n")
	var fields map[string]any
	if err := json.Unmarshal([]byte(answer), &fields); err != nil {
		t.Fatalf("%s: %v in %q", text, err, answer)
	}
	return fields
}

func (b *bench) expect(text, key string, want any) map[string]any {
	b.t.Helper()
	return expect(b.t, do(b.t, b.fleet.commands(), text), key, want)
}

func (b *bench) onServer(text, key string, want any) {
	b.t.Helper()
	expect(b.t, do(b.t, b.server.Commands(), text), key, want)
}

func expect(t *testing.T, answer map[string]any, key string, want any) map[string]any {
	t.Helper()
	if fmt.Sprint(answer[key]) != fmt.Sprint(want) {
		t.Fatalf("%s is %v, not %v, in %v", key, answer[key], want, answer)
	}
	return answer
}

func TestAllAreUpAndServe(t *testing.T) {
	b := start(t, 50)
	up := b.expect("connect", "up", 50)
	if last := up["upMs"].(map[string]any)["last"].(float64); last <= 0 || last > 5000 {
		t.Errorf("the last was up after %v ms", last)
	}
	b.expect("ping 10.6.0.1", "received", 50)
	b.expect("status", "heard", 50) // the answers to the pings
	b.onServer("get http://10.6.0.2/", "body", "Hello from ESP32! I am greenhouse at 10.6.0.2")
	b.onServer("many 3 http://10.6.0.51/", "ok", 3)
	b.onServer("udp 10.6.0.7:7 hello there", "reply", "hello there")
	b.onServer("udp 10.6.0.7:9999 x size=1300", "bytes", 1300)
	b.onServer("tcp 10.6.0.7:81", "result", "refused")
	b.onServer("tcp 10.6.0.7:80", "result", "ok")
}

// wireguard-go lets nobody in whose clock is behind; here the counts say that
// the fleet's clock is what it claims.
func TestRebootedFleetIsLetInByItsClock(t *testing.T) {
	b := start(t, 5)
	before := b.expect("connect", "up", 5)
	ports := b.expect("devices", "error", nil)
	b.expect("reboot", "up", 5)
	if after := b.expect("devices", "error", nil); fmt.Sprint(after) == fmt.Sprint(ports) {
		t.Error("the ports are those of the first life")
	}
	b.expect("ping 10.6.0.1", "received", 5)
	late := b.expect("reboot clock=1970 wait=0.3", "up", 0)
	if late["initiated"] != 5.0 || late["monotonicNanos"].(float64) <= before["monotonicNanos"].(float64) {
		t.Errorf("%v after %v", late, before)
	}
	b.expect("ping 10.6.0.1", "sent", 0)
	b.expect("reboot count=2 clock=+1h", "up", 2)
	b.expect("ping 10.6.0.1", "received", 2)
}

func TestServerMayBeginIt(t *testing.T) {
	b := start(t, 3)
	b.expect("connect", "up", 3)
	b.expect("mark", "up", 0)
	b.expect("ping 10.6.0.1", "received", 3)
	b.expect("status", "heard", 0) // that was by the old sessions
	for _, c := range b.fleet.chips {
		endpoint := netip.AddrPortFrom(c.local, c.port)
		check(t, b.server.Forget(c.public, netip.PrefixFrom(c.address, 32), endpoint))
	}
	after := b.expect("await heard=3", "heard", 3)
	if after["answered"] != 3.0 || after["initiated"] != 0.0 {
		t.Errorf("%v", after)
	}
	b.expect("ping 10.6.0.1", "received", 3)
}

func TestSilentChipsAreSilent(t *testing.T) {
	b := start(t, 4)
	b.expect("connect", "up", 4)
	b.expect("silence count=2", "ok", true)
	b.expect("ping 10.6.0.1 timeout=1", "received", 2)
	b.onServer("udp 10.6.0.2:7 x timeout=0.2", "result", "timeout")
	b.expect("wake", "ok", true)
	b.expect("ping 10.6.0.1", "received", 4)
}

func TestSmallMistakesAreTold(t *testing.T) {
	f := Flags{devices: 1, seed: "x", first: "10.6.0.2", bind: "127.0.0.0/8", clock: "now"}
	all, err := f.fleet()
	check(t, err)
	defer all.close()
	for text, says := range map[string]string{
		"connect": "no server yet", "reboot": "no server yet", "initiation": "has sent none",
		"server x 127.0.0.1:1": "32 bytes in base64", "ping nowhere": "no IPv4 address", "reboot port=x": "new or same",
	} {
		if answer := do(t, all.commands(), text); !strings.Contains(fmt.Sprint(answer["error"]), says) {
			t.Errorf("%s: %v", text, answer)
		}
	}
	if answer := do(t, all.commands(), "ping 10.6.0.1"); answer["sent"] != 0.0 {
		t.Errorf("%v", answer)
	}
	for _, wrong := range []Flags{{}, {devices: 1, first: "::1"}, {devices: 1, first: "10.0.0.1", bind: "x"}, {devices: 1, first: "10.0.0.1", bind: "::1", clock: "x"}} {
		if _, err := wrong.fleet(); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}

// The whole process may have 200 KB a device; what is Go's own of it is measured here.
func TestThousandDevicesAreLight(t *testing.T) {
	f := Flags{devices: 1000, seed: "x", peer: keys.New().Base64(), endpoint: "127.0.0.1:9", first: "10.6.0.2", bind: "127.0.0.1", clock: "now"}
	before := memory()
	all, err := f.fleet()
	check(t, err)
	defer all.close()
	expect(t, do(t, all.commands(), "connect wait=0"), "initiated", 1000)
	if each := (memory() - before) / 1000; each > 50_000 {
		t.Errorf("%d bytes a device", each)
	}
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
