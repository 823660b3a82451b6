package fleet

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/seqnum"
)

// caller talks to a chip's stack by single segments, each of which can be lost.
type caller struct {
	t      *testing.T
	chip   *stack
	maker  *stack // makes the caller's segments
	now    time.Time
	port   uint16
	answer []header.TCP // of the chip, since the last say
}

func newCaller(t *testing.T) *caller {
	c := &caller{t: t, now: time.Unix(1e9, 0), port: 40000}
	c.chip = &stack{address: netip.MustParseAddr("10.6.0.2"), page: []byte("the page"), output: func(_ time.Time, p []byte) bool {
		c.answer = append(c.answer, header.TCP(header.IPv4(bytes.Clone(p)).Payload()))
		return true
	}}
	c.maker = &stack{address: netip.MustParseAddr("100.64.0.1"), output: func(_ time.Time, p []byte) bool {
		c.chip.input(c.now, p)
		return true
	}}
	return c
}

// say sends a segment and gives what the chip answers.
func (c *caller) say(number, acknowledged seqnum.Value, flags header.TCPFlags, data string) []header.TCP {
	c.answer = nil
	c.maker.segment(c.now, netip.AddrPortFrom(c.chip.address, webPort), c.port, number, acknowledged, flags, []byte(data))
	return c.answer
}

// pass lets time go by and gives what the chip says by itself.
func (c *caller) pass(d time.Duration) []header.TCP {
	c.answer = nil
	for end := c.now.Add(d); c.now.Before(end); {
		c.now = c.now.Add(tickTime)
		c.chip.tickTCP(c.now)
	}
	return c.answer
}

func (c *caller) one(answer []header.TCP, flags header.TCPFlags, acknowledged seqnum.Value) header.TCP {
	c.t.Helper()
	if len(answer) != 1 || answer[0].Flags() != flags || answer[0].AckNumber() != uint32(acknowledged) {
		c.t.Fatalf("not one segment with %v and %d, but %v", flags, acknowledged, answer)
	}
	return answer[0]
}

const (
	syn, ack, fin, psh, rst = header.TCPFlagSyn, header.TCPFlagAck, header.TCPFlagFin, header.TCPFlagPsh, header.TCPFlagRst
)

func TestExchangeOverLossyLine(t *testing.T) {
	c := newCaller(t)
	first := c.one(c.say(999, 0, syn, ""), syn|ack, 1000)
	if again := c.one(c.pass(1200*time.Millisecond), syn|ack, 1000); again.SequenceNumber() != first.SequenceNumber() {
		t.Fatal("the repeated SYN-ACK is another one")
	}
	c.one(c.say(999, 0, syn, ""), syn|ack, 1000) // the caller lost it, too
	theirs := seqnum.Value(first.SequenceNumber()) + 1
	if answer := c.say(1000, theirs, ack, ""); len(answer) != 0 {
		t.Fatalf("%v", answer)
	}
	c.one(c.say(1000, theirs, ack|psh, "GET / HTTP/1.1\r\nHost: x\r\n\r"), ack, 1026)
	c.one(c.say(1027, theirs, ack|psh, "out of order"), ack, 1026)
	page := c.one(c.say(1026, theirs, ack|psh, "\n"), ack|psh|fin, 1027)
	if string(page.Payload()) != "the page" {
		t.Fatalf("%q", page.Payload())
	}
	c.one(c.say(1026, theirs, ack|psh, "\n"), ack, 1027) // the page was lost
	c.one(c.pass(1200*time.Millisecond), ack|psh|fin, 1027)
	c.one(c.pass(2*time.Second), ack|psh|fin, 1027)
	if answer := c.say(1027, theirs+9, ack, ""); len(answer) != 0 {
		t.Fatalf("%v", answer)
	}
	c.one(c.say(1027, theirs+9, ack|fin, ""), ack, 1028)
	if len(c.chip.connections) != 0 {
		t.Fatal("the connection stays")
	}
	c.one(c.say(1028, theirs+9, ack, ""), rst, 0)
}

func TestPortIsTakenAgainAtOnce(t *testing.T) {
	c := newCaller(t)
	for range 3 {
		first := c.one(c.say(999, 0, syn, ""), syn|ack, 1000)
		theirs := seqnum.Value(first.SequenceNumber()) + 1
		c.one(c.say(1000, theirs, ack, "GET / HTTP/1.0\r\n\r\n"), ack|psh|fin, 1018)
	}
}

func TestCallersThatVanishAreForgotten(t *testing.T) {
	c := newCaller(t)
	for i := range 6 {
		c.port = uint16(40000 + i)
		if answered := len(c.say(999, 0, syn, "")) == 1; answered != (i < maxConnections) {
			t.Errorf("SYN %d is answered: %v", i, answered)
		}
	}
	c.pass(3 * time.Minute)
	if len(c.chip.connections) != 0 {
		t.Errorf("%d connections are left", len(c.chip.connections))
	}
}

func TestCallerMayHangUp(t *testing.T) {
	c := newCaller(t)
	first := c.one(c.say(999, 0, syn, ""), syn|ack, 1000)
	theirs := seqnum.Value(first.SequenceNumber()) + 1
	c.one(c.say(1000, theirs, ack|fin, ""), ack|fin, 1001)
	c.say(1001, theirs+1, ack, "")
	first = c.one(c.say(1999, 0, syn, ""), syn|ack, 2000)
	c.say(2000, seqnum.Value(first.SequenceNumber())+1, rst|ack, "")
	if len(c.chip.connections) != 0 {
		t.Fatal("the connection stays")
	}
}
