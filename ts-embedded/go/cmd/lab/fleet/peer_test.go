package fleet

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/noise"
)

var home, moved = netip.MustParseAddrPort("127.0.0.1:51820"), netip.MustParseAddrPort("127.0.0.1:51821")

// wire is a chip's peer in virtual time, with what it sent and what came out of it,
// and a server's identity to answer it with.
type wire struct {
	t         *testing.T
	chip      *peer
	server    *noise.Identity
	macs      *noise.Macs
	now       time.Time
	sent      [][]byte
	to        netip.AddrPort
	delivered [][]byte
	usable    int
	heard     int
}

func newWire(t *testing.T, keepalive time.Duration) *wire {
	t.Helper()
	chipKey, serverKey := keys.New(), keys.New()
	chipPublic, err := chipKey.Public()
	check(t, err)
	serverPublic, err := serverKey.Public()
	check(t, err)
	identity, err := noise.NewIdentity(chipKey, serverPublic, keys.Key{})
	check(t, err)
	w := &wire{t: t, now: time.Unix(1e9, 0)}
	w.server, err = noise.NewIdentity(serverKey, chipPublic, keys.Key{})
	check(t, err)
	w.macs = w.server.NewMacs()
	w.chip = &peer{
		identity: identity, macs: identity.NewMacs(), keepalive: keepalive, endpoint: home, counts: new(counts),
		stamp:    func() noise.Stamp { return noise.StampAt(w.now) },
		transmit: func(to netip.AddrPort, d []byte) { w.sent, w.to = append(w.sent, bytes.Clone(d)), to },
		deliver:  func(_ time.Time, p []byte) { w.delivered = append(w.delivered, bytes.Clone(p)) },
		usable: func(_, _ time.Time, heard bool) {
			w.usable++
			if heard {
				w.heard++
			}
		},
	}
	return w
}

// pass lets time go by in ticks and gives the types of what is sent meanwhile.
func (w *wire) pass(d time.Duration) []uint32 {
	w.sent = nil
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(tickTime)
		w.chip.tick(w.now)
	}
	return w.types()
}

func (w *wire) types() []uint32 {
	var types []uint32
	for _, d := range w.sent {
		types = append(types, noise.Type(d))
	}
	return types
}

// answer makes the server answer the last initiation.
func (w *wire) answer() *noise.Session {
	w.t.Helper()
	initiation := w.sent[len(w.sent)-1]
	if !w.macs.Check(initiation) {
		w.t.Fatal("mac1 is wrong")
	}
	h, _, err := w.server.ConsumeInitiation(initiation)
	check(w.t, err)
	session, response, err := h.Respond(77)
	check(w.t, err)
	w.macs.Add(response)
	w.sent = nil
	w.chip.input(w.now, moved, response)
	return session
}

// initiate makes the server initiate, and gives its session.
func (w *wire) initiate(at time.Time) (*noise.Session, bool) {
	w.t.Helper()
	h, initiation, err := w.server.Initiate(88, noise.StampAt(at))
	check(w.t, err)
	w.macs.Add(initiation)
	w.sent = nil
	w.chip.input(w.now, moved, initiation)
	if len(w.sent) == 0 {
		return nil, false
	}
	session, err := h.ConsumeResponse(w.sent[0])
	check(w.t, err)
	return session, true
}

func count(types []uint32, kind uint32) (n int) {
	for _, k := range types {
		if k == kind {
			n++
		}
	}
	return n
}

func TestInitiatesEvery5sWithoutEnd(t *testing.T) {
	w := newWire(t, 0)
	w.chip.connect(w.now)
	if types := w.pass(10 * time.Minute); count(types, 1) != 115 { // every 13th tick: 5.2 s
		t.Fatalf("%d initiations in ten minutes", count(types, 1))
	}
}

func TestResponseIsConfirmedAndMovesTheEndpoint(t *testing.T) {
	w := newWire(t, 0)
	w.chip.connect(w.now)
	session := w.answer()
	if len(w.sent) != 1 || noise.Type(w.sent[0]) != 4 || w.to != moved || w.usable != 1 {
		t.Fatalf("sent %v to %v, usable %d times", w.types(), w.to, w.usable)
	}
	if content, _, err := session.Open(nil, w.sent[0]); err != nil || len(content) != 0 {
		t.Fatal("no keepalive:", err)
	}
	if types := w.pass(170 * time.Second); len(types) != 0 {
		t.Fatalf("without keepalives and packets: %v", types)
	}
	if types := w.pass(20 * time.Second); count(types, 1) == 0 {
		t.Fatalf("a key of 180 s is no key: %v", types)
	}
}

func TestInitiatorRekeysAfter120sWhenItSends(t *testing.T) {
	w := newWire(t, 25*time.Second)
	w.chip.connect(w.now)
	w.answer()
	if types := w.pass(119 * time.Second); count(types, 1) != 0 || count(types, 4) != 4 {
		t.Fatalf("before: %v", types)
	}
	if types := w.pass(8 * time.Second); count(types, 1) != 1 {
		t.Fatalf("after: %v", types)
	}
	// It is lost, and repeated by the next packet alone.
	if types := w.pass(20 * time.Second); count(types, 1) != 0 {
		t.Fatalf("without a packet: %v", types)
	}
	if types := w.pass(6 * time.Second); count(types, 1) != 1 {
		t.Fatalf("with one: %v", types)
	}
	w.answer()
	if w.usable != 2 {
		t.Fatalf("usable %d times", w.usable)
	}
}

func TestResponderWaitsForTheServersFirstPacket(t *testing.T) {
	w := newWire(t, 25*time.Second)
	session, ok := w.initiate(w.now)
	if !ok {
		t.Fatal("no answer")
	}
	if w.chip.output(w.now, []byte("early")) || w.usable != 0 {
		t.Fatal("the key is used before the server has confirmed it")
	}
	w.chip.input(w.now, moved, session.Seal(nil, []byte{0x45}))
	if w.heard != 1 || len(w.delivered) != 1 || !w.chip.output(w.now, []byte("now")) {
		t.Fatalf("heard %d, delivered %d", w.heard, len(w.delivered))
	}
	if _, ok := w.initiate(w.now); ok {
		t.Fatal("a repeated timestamp is answered")
	}
	if _, ok := w.initiate(w.now.Add(-time.Hour)); ok {
		t.Fatal("an old timestamp is answered")
	}
	if _, ok := w.initiate(w.now.Add(time.Second)); !ok {
		t.Fatal("a new timestamp is not answered")
	}
	// As responder it rekeys against the paper: at 180 s less the keepalive.
	if types := w.pass(154 * time.Second); count(types, 1) != 0 {
		t.Fatalf("early: %v", types)
	}
	if types := w.pass(2 * time.Second); count(types, 1) != 1 {
		t.Fatalf("late: %v", types)
	}
}

func TestThreeSlotsReceive(t *testing.T) {
	w := newWire(t, 0)
	w.chip.connect(w.now)
	first := w.answer()
	w.now = w.now.Add(6 * time.Second)
	w.chip.initiate(w.now)
	second := w.answer()
	third, _ := w.initiate(w.now)
	for i, s := range []*noise.Session{first, second, third} {
		w.delivered = nil
		w.chip.input(w.now, home, s.Seal(nil, []byte{byte(i)}))
		if want := i > 0; (len(w.delivered) == 1) != want { // answering has ended the previous one
			t.Errorf("session %d is received: %v", i, !want)
		}
	}
}

func TestReplaysAreRefusedButMoveTheEndpoint(t *testing.T) {
	w := newWire(t, 0)
	w.chip.connect(w.now)
	session := w.answer()
	message := session.Seal(nil, []byte{0x45})
	for range 2 {
		w.chip.input(w.now, home, bytes.Clone(message))
	}
	if len(w.delivered) != 1 || w.chip.counts.late.Load() != 1 {
		t.Fatalf("%d delivered", len(w.delivered))
	}
	if w.chip.endpoint != home {
		t.Fatal("the library's flaw is not there: an authentic replay moves its endpoint")
	}
	message[len(message)-1] ^= 1
	w.chip.input(w.now, moved, message)
	if w.chip.endpoint != home {
		t.Fatal("a forgery moved the endpoint")
	}
}

func TestCookieGoesIntoTheNextAttempt(t *testing.T) {
	w := newWire(t, 0)
	var checker wg.CookieChecker
	checker.Init(wg.NoisePublicKey(w.server.Public()))
	w.chip.connect(w.now)
	initiation, source := w.sent[0], []byte("address")
	reply, err := checker.CreateReply(initiation, w.chip.handshakeIndex, source)
	check(t, err)
	message := make([]byte, 0, wg.MessageCookieReplySize)
	message = append(message, 3, 0, 0, 0)
	message = append(message, initiation[4:8]...)
	message = append(append(message, reply.Nonce[:]...), reply.Cookie[:]...)
	w.sent = nil
	w.chip.input(w.now, home, message)
	if len(w.sent) != 0 || w.chip.counts.cookies.Load() != 1 {
		t.Fatalf("sent %v", w.types())
	}
	types := w.pass(6 * time.Second)
	if len(types) != 1 || types[0] != 1 || !checker.CheckMAC2(w.sent[0], source) {
		t.Fatalf("%v, or mac2 is wrong", types)
	}
}
