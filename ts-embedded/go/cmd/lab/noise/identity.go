// Package noise is the handshake and the transport of WireGuard for the lab's own
// small clients, where a whole wireguard-go for each would be too much: thousands
// in one process, or one that must cost next to nothing. It makes and reads
// messages; when they are sent, and what is made of them, is up to the client.
package noise

import (
	"crypto/ecdh"
	"errors"
	"fmt"

	"golang.org/x/crypto/blake2s"
	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/keys"
)

// Identity is what one end knows of itself and of its only peer. It never changes.
type Identity struct {
	private      *ecdh.PrivateKey
	peer         *ecdh.PublicKey
	psk          keys.Key
	staticStatic []byte
}

// NewIdentity has a preshared key of zeros where there is none.
func NewIdentity(private, peer, psk keys.Key) (*Identity, error) {
	own, err := ecdh.X25519().NewPrivateKey(private[:])
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	theirs, err := ecdh.X25519().NewPublicKey(peer[:])
	if err != nil {
		return nil, fmt.Errorf("public key of the peer: %w", err)
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		return nil, errors.New("the peer's public key is none that a handshake is possible with")
	}
	return &Identity{own, theirs, psk, shared}, nil
}

// Public is the own public key.
func (id *Identity) Public() keys.Key { return keys.Key(id.private.PublicKey().Bytes()) }

// Macs are the cookies and message authentication codes of one end, from its start on.
type Macs struct {
	generator wg.CookieGenerator
	checker   wg.CookieChecker
}

// NewMacs has no cookie yet.
func (id *Identity) NewMacs() *Macs {
	var m Macs
	m.generator.Init(wg.NoisePublicKey(id.peer.Bytes()))
	m.checker.Init(wg.NoisePublicKey(id.private.PublicKey().Bytes()))
	return &m
}

// Add fills mac1 of a handshake message, and mac2 if there is a cookie younger
// than 120 s.
func (m *Macs) Add(message []byte) { m.generator.AddMacs(message) }

// Check reports whether mac1 of a handshake message is right.
func (m *Macs) Check(message []byte) bool { return m.checker.CheckMAC1(message) }

// ConsumeCookie reports whether the cookie in a reply was for the last message that
// Add has seen. It goes into the next one.
func (m *Macs) ConsumeCookie(reply []byte) bool {
	if Type(reply) != wg.MessageCookieReplyType {
		return false
	}
	message := wg.MessageCookieReply{Nonce: [24]byte(reply[8:]), Cookie: [32]byte(reply[32:])}
	return m.generator.ConsumeReply(&message)
}

func mixHash(hash *[blake2s.Size]byte, data []byte) {
	var joined [blake2s.Size + 64]byte // no part of a message is longer
	*hash = blake2s.Sum256(append(append(joined[:0], hash[:]...), data...))
}
