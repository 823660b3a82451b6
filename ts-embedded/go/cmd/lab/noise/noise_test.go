package noise

import (
	"bytes"
	"testing"
	"time"

	"dev.tailbridge/embedded/cmd/lab/keys"
)

func pair(t *testing.T, psk keys.Key) (initiator, responder *Identity) {
	t.Helper()
	a, b := keys.New(), keys.New()
	publicA, err := a.Public()
	check(t, err)
	publicB, err := b.Public()
	check(t, err)
	initiator, err = NewIdentity(a, publicB, psk)
	check(t, err)
	responder, err = NewIdentity(b, publicA, psk)
	check(t, err)
	return initiator, responder
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestBothEndsHaveTheSameKeys(t *testing.T) {
	a, b := pair(t, keys.New())
	at := StampAt(time.Now())
	first, initiation, err := a.Initiate(7, at)
	check(t, err)
	a.NewMacs().Add(initiation)
	if !b.NewMacs().Check(initiation) || a.NewMacs().Check(initiation) {
		t.Fatal("mac1 is not the responder's")
	}
	second, stamp, err := b.ConsumeInitiation(initiation)
	check(t, err)
	if stamp != at {
		t.Fatalf("timestamp %x", stamp)
	}
	theirs, response, err := second.Respond(9)
	check(t, err)
	forged := bytes.Clone(response)
	forged[20] ^= 1
	if _, err := first.ConsumeResponse(forged); err == nil {
		t.Fatal("a forged response is taken")
	}
	ours, err := first.ConsumeResponse(response)
	check(t, err)
	for range 3 {
		message := ours.Seal(nil, []byte("hello"))
		if len(message) != Overhead+16 || Receiver(message) != 9 {
			t.Fatalf("message %x", message)
		}
		plain, _, err := theirs.Open(nil, message)
		check(t, err)
		if !bytes.Equal(plain, append([]byte("hello"), make([]byte, 11)...)) {
			t.Fatalf("content %q", plain)
		}
	}
	back := theirs.Seal([]byte("before"), nil)
	plain, counter, err := ours.Open(nil, back[6:])
	if err != nil || len(plain) != 0 || counter != 0 || Receiver(back[6:]) != 7 {
		t.Fatal("no keepalive came back", err)
	}
	back[len(back)-1] ^= 1
	if _, _, err := ours.Open(nil, back[6:]); err == nil {
		t.Fatal("a forged message is taken")
	}
}

func TestAnotherPresharedKeyIsNoSession(t *testing.T) {
	a, _ := pair(t, keys.New())
	first, initiation, err := a.Initiate(7, StampAt(time.Now()))
	check(t, err)
	stranger, err := NewIdentity(keys.New(), a.Public(), keys.Key{})
	check(t, err)
	if _, _, err := stranger.ConsumeInitiation(initiation); err == nil {
		t.Fatal("somebody else reads the initiation")
	}
	private := keys.New()
	public, err := private.Public()
	check(t, err)
	a, err = NewIdentity(keys.New(), public, keys.New())
	check(t, err)
	b, err := NewIdentity(private, a.Public(), keys.New())
	check(t, err)
	first, initiation, err = a.Initiate(7, StampAt(time.Now()))
	check(t, err)
	second, _, err := b.ConsumeInitiation(initiation)
	check(t, err)
	_, response, err := second.Respond(9)
	check(t, err)
	if _, err := first.ConsumeResponse(response); err == nil {
		t.Fatal("two preshared keys make a session")
	}
}

func TestTypesGoByTheirLengths(t *testing.T) {
	lengths := map[uint32][2]int{1: {148, 148}, 2: {92, 92}, 3: {64, 64}, 4: {32, 1000}}
	for kind := range uint32(6) {
		for length := range 1000 {
			message := make([]byte, length)
			if length > 0 {
				message[0] = byte(kind)
			}
			span, known := lengths[kind]
			want := kind
			if !known || length < span[0] || length > span[1] {
				want = 0
			}
			if got := Type(message); got != want {
				t.Fatalf("%d bytes of type %d are a %d", length, kind, got)
			}
		}
	}
}

func TestSealAllocatesNothing(t *testing.T) {
	a, b := pair(t, keys.Key{})
	_, initiation, err := a.Initiate(1, Stamp{})
	check(t, err)
	h, _, err := b.ConsumeInitiation(initiation)
	check(t, err)
	s, _, err := h.Respond(2)
	check(t, err)
	buffer, packet := make([]byte, 0, 2048), make([]byte, 1400)
	if n := testing.AllocsPerRun(100, func() { s.Seal(buffer, packet) }); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
