package device

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
	"time"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/netstack"
	"dev.tailbridge/embedded/cmd/lab/probe"
)

// server is an ordinary WireGuard server with a network stack, at 10.6.0.1.
type server struct {
	network *netstack.Stack
	device  *wg.Device
	port    uint16
}

// journey is a server and a chip that dials it.
type journey struct {
	t      *testing.T
	server *server
	chip   *chip
}

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

func start(t *testing.T, clock string, chipWindow bool) *journey {
	t.Helper()
	serverKey, chipKey, psk := keys.New(), keys.New(), keys.New()
	serverPublic, err := serverKey.Public()
	check(t, err)
	chipPublic, err := chipKey.Public()
	check(t, err)

	network, err := netstack.New(netip.MustParseAddr("10.6.0.1"), 1420, batch, netip.AddrPort{})
	check(t, err)
	sock := &socket{local: netip.MustParseAddr("127.0.0.1"), window: new(window)}
	device := wg.NewDevice(network.Link, sock, wg.NewLogger(wg.LogLevelSilent, ""))
	check(t, device.IpcSet(fmt.Sprintf("private_key=%x\npublic_key=%x\npreshared_key=%x\nallowed_ip=10.6.0.2/32\n", serverKey[:], chipPublic[:], psk[:])))
	check(t, device.Up())
	s := &server{network, device, sock.port}

	f := Flags{
		private: chipKey.Base64(), peer: serverPublic.Base64(), psk: psk.Base64(), address: "10.6.0.2", bind: "127.0.0.1",
		dns: "100.100.100.100", allowed: "10.6.0.0/24", name: "greenhouse", mtu: 1420, keepalive: 25, chipWindow: chipWindow,
	}
	c, err := f.config()
	check(t, err)
	d, err := newChip(c, fmt.Sprintf("127.0.0.1:%d", s.port), clock)
	check(t, err)
	t.Cleanup(func() {
		d.now().close()
		device.Close()
		network.Close()
	})
	return &journey{t, s, d}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do runs one line on the chip, or on the server's network, and gives its answer.
func (j *journey) do(commands []line.Command, text string) map[string]any {
	j.t.Helper()
	var out bytes.Buffer
	check(j.t, line.Serve(context.Background(), strings.NewReader(text+"\n"), &out, line.Done, commands))
	_, answer, _ := strings.Cut(out.String(), "\n")
	var fields map[string]any
	if err := json.Unmarshal([]byte(answer), &fields); err != nil {
		j.t.Fatalf("%s: %v in %q", text, err, answer)
	}
	return fields
}

func (j *journey) onChip(text string) map[string]any {
	j.t.Helper()
	return j.do(j.chip.commands(), text)
}

func (j *journey) onServer(text string) map[string]any {
	j.t.Helper()
	return j.do(probe.Commands(j.server.network.Dial), text)
}

func expect(t *testing.T, answer map[string]any, key string, want any) {
	t.Helper()
	if fmt.Sprint(answer[key]) != fmt.Sprint(want) {
		t.Fatalf("%s is %v, not %v, in %v", key, answer[key], want, answer)
	}
}

func TestServicesAreReachedThroughTheTunnel(t *testing.T) {
	j := start(t, "now", false)
	expect(t, j.onChip("connect"), "connected", true)
	expect(t, j.onServer("get http://10.6.0.2/"), "body", "Hello from ESP32! I am greenhouse")
	expect(t, j.onServer("down http://10.6.0.2 3000000"), "ok", true)
	expect(t, j.onServer("up http://10.6.0.2 3000000"), "ok", true)
	expect(t, j.onServer("udp 10.6.0.2:9999 hello there"), "reply", "hello there")
	expect(t, j.onServer("udp 10.6.0.2:7 x size=4000"), "bytes", 4000)
	expect(t, j.onServer("tcp 10.6.0.2:81"), "result", "refused")
	expect(t, j.onServer("many 20 http://10.6.0.2/whoami"), "ok", 20)
	expect(t, j.onChip("ping 10.6.0.1 2"), "received", 2)
}

func TestTransferSurvivesAnotherPort(t *testing.T) {
	j := start(t, "now", true)
	expect(t, j.onChip("connect"), "connected", true)
	// On a busy machine a transfer may be over before anybody sees that it began.
	for bytes := 30_000_000; ; bytes *= 4 {
		done := make(chan map[string]any, 1)
		before := j.onChip("status")
		go func() { done <- j.onServer(fmt.Sprintf("down http://10.6.0.2 %d", bytes)) }()
		for j.onChip("status")["txBytes"].(float64) < before["txBytes"].(float64)+1e6 {
			runtime.Gosched()
		}
		moved := j.onChip("rebind")
		if moved["from"] == moved["to"] {
			t.Fatalf("the port stayed: %v", moved)
		}
		over := len(done) > 0
		expect(t, <-done, "ok", true)
		expect(t, j.onChip("status"), "port", moved["to"])
		if !over {
			return
		}
		if bytes > 400_000_000 {
			t.Fatalf("%d bytes were transferred before the port changed", bytes)
		}
	}
}

func TestRebootedDeviceIsBackOnAnotherPort(t *testing.T) {
	j := start(t, "now", false)
	first := j.onChip("connect")
	again := j.onChip("reboot")
	expect(t, again, "connected", true)
	if first["port"] == again["port"] {
		t.Fatalf("both lives on port %v", first["port"])
	}
	expect(t, j.onServer("get http://10.6.0.2/"), "status", 200)
}

func TestClockOfBootIsAcceptedOnceAndStaleAfterwards(t *testing.T) {
	j := start(t, "1970", false)
	expect(t, j.onChip("connect"), "connected", true) // the rewritten handshake holds
	expect(t, j.onServer("get http://10.6.0.2/"), "status", 200)
	expect(t, j.onChip("reboot"), "connected", true)
	expect(t, j.onChip("reboot clock=1970 wait=1"), "connected", false)
	expect(t, j.onChip("reboot clock=-1h wait=1"), "connected", false)
	expect(t, j.onChip("reboot clock=+1h"), "connected", true)
}

func TestSleeperIsSilentAndKeepsItsKeys(t *testing.T) {
	j := start(t, "now", false)
	expect(t, j.onChip("connect"), "connected", true)
	expect(t, j.onChip("sleep"), "ok", true)
	expect(t, j.onServer("udp 10.6.0.2:7 x timeout=0.2"), "result", "timeout")
	expect(t, j.onChip("wake"), "ok", true)
	handshakes := j.onChip("status")["handshakeAgeSeconds"].(float64)
	expect(t, j.onServer("udp 10.6.0.2:7 x"), "result", "ok")
	if after := j.onChip("status")["handshakeAgeSeconds"].(float64); after < handshakes {
		t.Fatal("waking needed a new handshake")
	}
}

func TestDisconnectedDeviceIsGoneUntilItConnects(t *testing.T) {
	j := start(t, "now", false)
	expect(t, j.onChip("connect"), "connected", true)
	j.onChip("disconnect")
	expect(t, j.onChip("status"), "connected", false)
	expect(t, j.onServer("udp 10.6.0.2:7 x timeout=0.2"), "result", "timeout")
	expect(t, j.onChip("connect"), "connected", true)
	expect(t, j.onChip("ping 10.6.0.1"), "result", "ok") // so the old session is surely over
	expect(t, j.onServer("udp 10.6.0.2:7 x"), "result", "ok")
}

// A caller that takes its port again at once must not wait a minute for the
// connection in TIME_WAIT, as it does where a forwarder serves instead of a listener.
func TestPortIsTakenAgainWithoutStall(t *testing.T) {
	j := start(t, "now", false)
	expect(t, j.onChip("connect"), "connected", true)
	for range 6 {
		begin := time.Now()
		conn := j.dialFromPort(40000, "10.6.0.2:80")
		// Asked to close, the device does so first and keeps the TIME_WAIT.
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		answer, err := io.ReadAll(conn)
		check(t, err)
		if !bytes.Contains(answer, []byte("Hello from ESP32!")) {
			t.Fatalf("answer: %q", answer)
		}
		conn.Close()
		if took := time.Since(begin); took > 30*time.Second {
			t.Fatalf("one call took %v", took)
		}
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("life", func(t *testing.T) {
		j := start(t, "now", false)
		expect(t, j.onChip("connect"), "connected", true)
		expect(t, j.onChip("reboot"), "connected", true)
		expect(t, j.onServer("many 10 http://10.6.0.2/"), "ok", 10)
	})
	deadline := time.Now().Add(30 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines instead of %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

func TestTheChipIsUnderLoadAsLongAsToldTo(t *testing.T) {
	j := start(t, "now", false)
	for _, step := range []struct {
		command string
		loaded  bool
	}{{"load 60", true}, {"load 0", false}} {
		expect(t, j.onChip(step.command), "ok", true)
		if got := j.chip.now().device.IsUnderLoad(); got != step.loaded {
			t.Fatalf("after %q under load: %v", step.command, got)
		}
	}
}
