package noise

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/chacha20poly1305"
	wg "golang.zx2c4.com/wireguard/device"
)

// Handshake is one between its first and its second message.
type Handshake struct {
	identity  *Identity
	ephemeral *ecdh.PrivateKey // of the initiator; nil on the responder's side
	theirs    *ecdh.PublicKey  // the initiator's ephemeral, on the responder's side
	hash      [blake2s.Size]byte
	chain     [blake2s.Size]byte
	local     uint32
	remote    uint32
}

// Every failure is one: a server tells nobody which it was, and neither do we.
var errInvalid = errors.New("not a valid handshake message")

// Initiate makes the first message, without macs, from the index local.
func (id *Identity) Initiate(local uint32, at Stamp) (*Handshake, []byte, error) {
	ephemeral, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	h := id.begin(id.peer.Bytes())
	h.ephemeral, h.local = ephemeral, local
	message := make([]byte, wg.MessageInitiationSize)
	binary.LittleEndian.PutUint32(message, wg.MessageInitiationType)
	binary.LittleEndian.PutUint32(message[atSender:], local)
	copy(message[atInitiatorEphemeral:], ephemeral.PublicKey().Bytes())
	h.mixEphemeral(message[atInitiatorEphemeral:atStatic])
	shared, err := ephemeral.ECDH(id.peer)
	if err != nil {
		return nil, nil, err
	}
	h.seal(message[atStatic:atStatic], shared, id.private.PublicKey().Bytes())
	h.seal(message[atTimestamp:atTimestamp], id.staticStatic, at[:])
	return h, message, nil
}

// ConsumeInitiation reads the first message of the peer. Its macs and what its
// timestamp means are the caller's business.
func (id *Identity) ConsumeInitiation(message []byte) (*Handshake, Stamp, error) {
	var stamp Stamp
	if Type(message) != wg.MessageInitiationType {
		return nil, stamp, errInvalid
	}
	h := id.begin(id.private.PublicKey().Bytes())
	h.remote = binary.LittleEndian.Uint32(message[atSender:])
	ephemeral, err := ecdh.X25519().NewPublicKey(message[atInitiatorEphemeral:atStatic])
	if err != nil {
		return nil, stamp, errInvalid
	}
	h.theirs = ephemeral
	h.mixEphemeral(message[atInitiatorEphemeral:atStatic])
	shared, err := id.private.ECDH(ephemeral)
	if err != nil {
		return nil, stamp, errInvalid
	}
	static, err := h.open(message[atStatic:atTimestamp], shared)
	if err != nil || !bytes.Equal(static, id.peer.Bytes()) {
		return nil, stamp, errInvalid
	}
	opened, err := h.open(message[atTimestamp:atInitiationMacs], id.staticStatic)
	if err != nil {
		return nil, stamp, errInvalid
	}
	return h, Stamp(opened), nil
}

// Respond makes the second message, without macs, from the index local, and the
// responder's session.
func (h *Handshake) Respond(local uint32) (*Session, []byte, error) {
	ephemeral, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	h.local = local
	message := make([]byte, wg.MessageResponseSize)
	binary.LittleEndian.PutUint32(message, wg.MessageResponseType)
	binary.LittleEndian.PutUint32(message[atSender:], local)
	binary.LittleEndian.PutUint32(message[atReceiver:], h.remote)
	copy(message[atResponderEphemeral:], ephemeral.PublicKey().Bytes())
	h.mixEphemeral(message[atResponderEphemeral:atEmpty])
	for _, theirs := range []*ecdh.PublicKey{h.theirs, h.identity.peer} {
		shared, err := ephemeral.ECDH(theirs)
		if err != nil {
			return nil, nil, errInvalid
		}
		wg.KDF1(&h.chain, h.chain[:], shared)
	}
	aead, err := h.mixPreshared()
	if err != nil {
		return nil, nil, err
	}
	aead.Seal(message[atEmpty:atEmpty], wg.ZeroNonce[:], nil, h.hash[:])
	s, err := h.session(false)
	return s, message, err
}

// ConsumeResponse reads the second message and gives the initiator's session. The
// handshake stays as it is, so that a forged response does no harm.
func (h Handshake) ConsumeResponse(message []byte) (*Session, error) {
	if Type(message) != wg.MessageResponseType || h.ephemeral == nil || Receiver(message) != h.local {
		return nil, errInvalid
	}
	h.remote = binary.LittleEndian.Uint32(message[atSender:])
	theirs, err := ecdh.X25519().NewPublicKey(message[atResponderEphemeral:atEmpty])
	if err != nil {
		return nil, errInvalid
	}
	h.mixEphemeral(message[atResponderEphemeral:atEmpty])
	for _, own := range []*ecdh.PrivateKey{h.ephemeral, h.identity.private} {
		shared, err := own.ECDH(theirs)
		if err != nil {
			return nil, errInvalid
		}
		wg.KDF1(&h.chain, h.chain[:], shared)
	}
	aead, err := h.mixPreshared()
	if err != nil {
		return nil, err
	}
	if _, err := aead.Open(nil, wg.ZeroNonce[:], message[atEmpty:atResponseMacs], h.hash[:]); err != nil {
		return nil, errInvalid
	}
	return h.session(true)
}

func (id *Identity) begin(responder []byte) *Handshake {
	h := &Handshake{identity: id, hash: wg.InitialHash, chain: wg.InitialChainKey}
	mixHash(&h.hash, responder)
	return h
}

func (h *Handshake) mixEphemeral(public []byte) {
	wg.KDF1(&h.chain, h.chain[:], public)
	mixHash(&h.hash, public)
}

// seal appends plain to to under the next key of the chain.
func (h *Handshake) seal(to, shared, plain []byte) {
	var key [chacha20poly1305.KeySize]byte
	wg.KDF2(&h.chain, &key, h.chain[:], shared)
	aead, _ := chacha20poly1305.New(key[:]) // fails by the length of the key alone
	mixHash(&h.hash, aead.Seal(to, wg.ZeroNonce[:], plain, h.hash[:]))
}

func (h *Handshake) open(sealed, shared []byte) ([]byte, error) {
	var key [chacha20poly1305.KeySize]byte
	wg.KDF2(&h.chain, &key, h.chain[:], shared)
	aead, _ := chacha20poly1305.New(key[:])
	plain, err := aead.Open(nil, wg.ZeroNonce[:], sealed, h.hash[:])
	mixHash(&h.hash, sealed)
	return plain, err
}
