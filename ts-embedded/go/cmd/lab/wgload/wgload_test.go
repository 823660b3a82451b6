package wgload

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"testing"

	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/wgleg"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tries is how often a busy machine may be too slow for a figure, or lose a
// datagram: a socket that nobody reads for a while holds some hundred of them.
const tries = 5

// start has n clients and a server that knows them.
func start(t *testing.T, inside string, n int, gso bool) (*generator, *wgleg.Server) {
	t.Helper()
	f := wgleg.Flags{Inside: inside, Address: "10.6.0.1", MTU: 1420}
	server, err := f.Start()
	check(t, err)
	t.Cleanup(server.Close)
	public := server.PublicKey()
	own := Flags{
		clients: n, seed: "test", peer: public.Base64(), endpoint: server.Endpoint().String(),
		first: "10.6.0.2", server: "10.6.0.1", bind: "127.0.0.1", gso: gso, gro: true,
	}
	g, err := own.generator()
	check(t, err)
	t.Cleanup(g.close)
	for _, c := range g.clients {
		check(t, server.AddPeers(c.public.Base64()+"="+c.address.String()))
	}
	return g, server
}

func do(t *testing.T, commands []line.Command, text string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	check(t, line.Serve(context.Background(), strings.NewReader(text+"\n"), &out, line.Done, commands))
	_, answer, _ := strings.Cut(out.String(), "\n")
	var fields map[string]any
	check(t, json.Unmarshal([]byte(answer), &fields))
	if fields["error"] != nil {
		t.Fatalf("%s: %v", text, fields["error"])
	}
	return fields
}

func TestEchoesComeBack(t *testing.T) {
	for _, c := range []struct {
		inside  string
		clients int
		gso     bool
	}{{"bare", 1, false}, {"bare", 3, true}, {"stock", 1, false}, {"tuned", 2, false}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			g, _ := start(t, c.inside, c.clients, c.gso)
			for _, size := range []int{128, 1400} {
				var r map[string]any
				all := false
				for try := 0; try < tries && !all; try++ {
					r = do(t, g.commands(), fmt.Sprintf("echo size=%d window=16 seconds=0.2", size))
					sent, received := r["sent"].(float64), r["received"].(float64)
					all = sent >= 10 && received >= sent*0.9
					// Padding is to 16 bytes. What came too late for the run before may be counted here.
					if bytes := float64((size + 15) / 16 * 16); try == 0 && r["receivedBytes"] != received*bytes || r["late"] != 0.0 {
						t.Errorf("%d bytes: %v", size, r)
					}
				}
				if !all {
					t.Errorf("%d bytes: %v", size, r)
				}
			}
		})
	}
}

func TestDiscardedPacketsAreCountedByTheServer(t *testing.T) {
	for _, inside := range []string{"bare", "stock", "tuned"} {
		g, server := start(t, inside, 1, false)
		r := do(t, g.commands(), "send size=1400 rate=2000 seconds=0.3")
		sent := r["sent"].(float64)
		got := 0.0
		for range 1000 { // its queues run dry
			if got = do(t, server.Commands(), "status")["received"].(float64); got >= sent {
				break
			}
			do(t, g.commands(), "receive seconds=0.01")
		}
		if sent < 50 || sent > 700 || got != sent || r["received"] != 0.0 {
			t.Errorf("%s received %v of %v", inside, got, r)
		}
	}
}

func TestSourceIsReceivedInOrder(t *testing.T) {
	g, server := start(t, "bare", 1, false)
	do(t, g.commands(), "connect")
	do(t, g.commands(), "send rate=100 seconds=0.05") // so that the session is confirmed
	var sent float64
	var got run
	for range tries {
		before := g.counted()
		sent = do(t, server.Commands(), "source 10.6.0.2:4000 size=128 rate=5000 seconds=0.3")["sent"].(float64)
		for range 100 {
			if got = g.counted().since(before); got.Received >= int64(sent) {
				break
			}
			do(t, g.commands(), "receive seconds=0.01")
		}
		if sent > 2000 || got.Received > int64(sent) || got.Disordered != 0 {
			t.Fatalf("%v sent, %+v came", sent, got)
		}
		if sent >= 100 && got.Received == int64(sent) {
			break
		}
	}
	if sent < 100 || got.Received != int64(sent) {
		t.Errorf("%v sent, %+v came", sent, got)
	}
	// As fast as it goes it does not outrun the socket by more than its bound.
	r := do(t, server.Commands(), "source 10.6.0.2:4000 size=1400 seconds=0.2")
	if status := do(t, server.Commands(), "status"); r["sent"].(float64) < 100 || status["sent"].(float64)-status["datagramsSent"].(float64) > 2*4096 {
		t.Errorf("%v, then %v", r, status)
	}
}

func TestMistakesAreTold(t *testing.T) {
	f := Flags{clients: 1, seed: "x", first: "10.6.0.2", server: "10.6.0.1", bind: "127.0.0.1"}
	g, err := f.generator()
	check(t, err)
	defer g.close()
	for text, says := range map[string]string{
		"echo": "no server yet", "echo seconds=101": "at most 100 s", "server x y": "32 bytes", "send size=27": "27",
		"server AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAk= 10.0.0.1:5": "on loopback",
	} {
		var out bytes.Buffer
		check(t, line.Serve(context.Background(), strings.NewReader(text), &out, line.Done, g.commands()))
		if !strings.Contains(out.String(), says) {
			t.Errorf("%s: %s", text, out.String())
		}
	}
	for _, wrong := range []Flags{{}, {clients: 2, private: "x"}, {clients: 1, first: "::1"}, {clients: 1, first: "10.6.0.2", server: "x"}} {
		if _, err := wrong.generator(); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}
