package noise

import (
	"crypto/cipher"
	"encoding/binary"
	"slices"

	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/chacha20poly1305"
	wg "golang.zx2c4.com/wireguard/device"
)

// Overhead is what a transport message has more than its padded content, in bytes.
const Overhead = wg.MessageTransportSize

// Session is a pair of transport keys. One goroutine at a time may seal with it, and
// one may open.
type Session struct {
	Local, Remote uint32 // indices
	Initiator     bool
	// Next is the counter of the next message that is sent.
	Next uint64

	send, receive           cipher.AEAD
	sendNonce, receiveNonce [chacha20poly1305.NonceSize]byte
}

func (h *Handshake) mixPreshared() (cipher.AEAD, error) {
	var tau [blake2s.Size]byte
	var key [chacha20poly1305.KeySize]byte
	wg.KDF3(&h.chain, &tau, &key, h.chain[:], h.identity.psk[:])
	mixHash(&h.hash, tau[:])
	return chacha20poly1305.New(key[:])
}

func (h *Handshake) session(initiator bool) (*Session, error) {
	var send, receive [chacha20poly1305.KeySize]byte
	wg.KDF2(&send, &receive, h.chain[:], nil)
	if !initiator {
		send, receive = receive, send
	}
	s := &Session{Local: h.local, Remote: h.remote, Initiator: initiator}
	var err error
	if s.send, err = chacha20poly1305.New(send[:]); err != nil {
		return nil, err
	}
	s.receive, err = chacha20poly1305.New(receive[:])
	return s, err
}

// Seal appends the transport message with packet to to. Packet is padded with
// zeros to a multiple of 16 bytes, as WireGuard does.
func (s *Session) Seal(to, packet []byte) []byte {
	to = slices.Grow(to, Overhead+len(packet)+15)
	to = binary.LittleEndian.AppendUint32(to, wg.MessageTransportType)
	to = binary.LittleEndian.AppendUint32(to, s.Remote)
	to = binary.LittleEndian.AppendUint64(to, s.Next)
	content := len(to)
	to = append(to, packet...)
	for (len(to)-content)%16 != 0 {
		to = append(to, 0)
	}
	binary.LittleEndian.PutUint64(s.sendNonce[4:], s.Next)
	s.Next++
	sealed := s.send.Seal(to[content:content], s.sendNonce[:], to[content:], nil)
	return to[:content+len(sealed)]
}

// Open appends the content of a transport message for this session to to. It
// checks no replay.
func (s *Session) Open(to, message []byte) (content []byte, counter uint64, err error) {
	counter = binary.LittleEndian.Uint64(message[wg.MessageTransportOffsetCounter:])
	binary.LittleEndian.PutUint64(s.receiveNonce[4:], counter)
	content, err = s.receive.Open(to, s.receiveNonce[:], message[wg.MessageTransportOffsetContent:], nil)
	return content, counter, err
}
