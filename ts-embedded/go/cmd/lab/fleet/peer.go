package fleet

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"time"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/noise"
)

const (
	rekeyTimeout    = 5 * time.Second
	rekeyAfterTime  = 120 * time.Second
	rejectAfterTime = 180 * time.Second
	// tickTime is how often a chip looks at its timers.
	tickTime = 400 * time.Millisecond
)

// keypair is a session in one of the three slots.
type keypair struct {
	*noise.Session
	born   time.Time
	window window
}

// peer is the server as a chip's WireGuard sees it, from boot to reboot. It does
// what the library does that nearly all ESP32 firmware has: it initiates every 5 s
// without end and without jitter while it has no key, has no timer for a server
// that fell silent and no passive keepalive, and moves its endpoint by every
// authentic message, before it looks for replays.
//
// Its owner calls it from one goroutine at a time and has transmit, deliver and
// usable called back meanwhile.
type peer struct {
	identity  *noise.Identity
	macs      *noise.Macs
	stamp     func() noise.Stamp
	keepalive time.Duration // 0: none
	counts    *counts

	// transmit takes a datagram that is the caller's again afterwards.
	transmit func(to netip.AddrPort, datagram []byte)
	// deliver takes a packet from the tunnel; padding may follow it.
	deliver func(now time.Time, packet []byte)
	// usable is told of a session by which packets can go; heard: by one that
	// the server has used.
	usable func(now, born time.Time, heard bool)

	endpoint                netip.AddrPort
	active, wantsHandshake  bool
	handshake               *noise.Handshake // of our last initiation
	handshakeIndex          uint32
	initiated, lastSent     time.Time
	greatest                noise.Stamp // of the server's initiations, in RAM only
	previous, current, next *keypair
	buffer                  []byte
	lastInitiation          []byte
}

// connect makes the device active. It initiates at once.
func (p *peer) connect(now time.Time) {
	p.active = true
	p.initiate(now)
}

// tick looks at the timers.
func (p *peer) tick(now time.Time) {
	if p.current != nil && now.Sub(p.current.born) >= rejectAfterTime {
		p.current = nil // the previous one stays, for ever, as in the library
	}
	if p.keepalive > 0 && (p.current != nil || p.previous != nil) && now.Sub(p.lastSent) >= p.keepalive {
		p.output(now, nil)
	}
	if now.Sub(p.initiated) < rekeyTimeout {
		return
	}
	responderIsOld := p.current != nil && !p.current.Initiator && now.Sub(p.current.born) >= rejectAfterTime-p.keepalive
	if p.wantsHandshake || responderIsOld || p.active && p.current == nil {
		p.initiate(now)
	}
}

func (p *peer) initiate(now time.Time) {
	index := p.newIndex()
	h, message, err := p.identity.Initiate(index, p.stamp())
	if err != nil {
		return
	}
	p.macs.Add(message)
	p.handshake, p.handshakeIndex = h, index
	p.initiated, p.wantsHandshake = now, false
	p.lastInitiation = message
	p.counts.initiated.Add(1)
	p.transmit(p.endpoint, message)
}

// newIndex is none that is in use.
func (p *peer) newIndex() uint32 {
	for {
		index := rand.Uint32()
		if index != 0 && p.find(index) == nil && (p.handshake == nil || index != p.handshakeIndex) {
			return index
		}
	}
}

// output sends a packet, or a keepalive without one, and reports whether there was
// a key for it. A session that the server began is no current one before it has
// used it.
func (p *peer) output(now time.Time, packet []byte) bool {
	k := p.current
	if k == nil || now.Sub(k.born) >= rejectAfterTime {
		return false
	}
	p.buffer = k.Seal(p.buffer[:0], packet)
	p.transmit(p.endpoint, p.buffer)
	p.lastSent = now
	if k.Initiator && now.Sub(k.born) >= rekeyAfterTime {
		p.wantsHandshake = true
	}
	return true
}

// input takes a datagram; what it holds is overwritten.
func (p *peer) input(now time.Time, from netip.AddrPort, message []byte) {
	switch noise.Type(message) {
	case wg.MessageInitiationType:
		p.consumeInitiation(now, from, message)
	case wg.MessageResponseType:
		p.consumeResponse(now, from, message)
	case wg.MessageCookieReplyType:
		if noise.Receiver(message) == p.handshakeIndex && p.macs.ConsumeCookie(message) {
			p.counts.cookies.Add(1)
			p.endpoint = from
		}
	case wg.MessageTransportType:
		p.consumeTransport(now, from, message)
	}
}

func (p *peer) consumeInitiation(now time.Time, from netip.AddrPort, message []byte) {
	if !p.macs.Check(message) {
		return
	}
	h, stamp, err := p.identity.ConsumeInitiation(message)
	if err != nil || bytes.Compare(stamp[:], p.greatest[:]) <= 0 {
		return
	}
	p.greatest = stamp
	p.handshake = nil // there is one slot, and the server's handshake has it now
	session, response, err := h.Respond(p.newIndex())
	if err != nil {
		return
	}
	p.macs.Add(response)
	p.next, p.previous = &keypair{Session: session, born: now}, nil
	p.endpoint = from
	p.counts.answered.Add(1)
	p.transmit(p.endpoint, response)
}

func (p *peer) consumeResponse(now time.Time, from netip.AddrPort, message []byte) {
	if !p.macs.Check(message) || p.handshake == nil {
		return
	}
	session, err := p.handshake.ConsumeResponse(message)
	if err != nil {
		return
	}
	p.handshake = nil
	p.counts.responses.Add(1)
	p.endpoint = from
	if p.next != nil {
		p.previous, p.next = p.next, nil
	} else {
		p.previous = p.current
	}
	p.current = &keypair{Session: session, born: now}
	p.output(now, nil) // confirms it to the server
	p.usable(now, now, false)
}

func (p *peer) consumeTransport(now time.Time, from netip.AddrPort, message []byte) {
	k := p.find(noise.Receiver(message))
	if k == nil || now.Sub(k.born) >= rejectAfterTime {
		return
	}
	packet, counter, err := k.Open(message[wg.MessageTransportOffsetContent:wg.MessageTransportOffsetContent], message)
	if err != nil {
		return
	}
	p.endpoint = from
	if k == p.next {
		p.previous, p.current, p.next = p.current, p.next, nil
	}
	if k.Initiator && now.Sub(k.born) >= rejectAfterTime-p.keepalive-rekeyTimeout {
		p.wantsHandshake = true
	}
	p.usable(now, k.born, true)
	if len(packet) == 0 {
		return
	}
	if !k.window.admits(counter) {
		p.counts.late.Add(1)
		return
	}
	p.deliver(now, packet)
}

func (p *peer) find(index uint32) *keypair {
	for _, k := range []*keypair{p.current, p.next, p.previous} {
		if k != nil && k.Local == index {
			return k
		}
	}
	return nil
}
