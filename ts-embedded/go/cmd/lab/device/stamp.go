package device

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/curve25519"
	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/noise"
)

// Offsets in a handshake initiation: sender index, ephemeral, static, timestamp, macs.
const (
	atSender    = 4
	atEphemeral = 8
	atStatic    = 40
	atTimestamp = 88
	atMacs      = 116
)

// stamper puts another timestamp into the initiations of one peer. wireguard-go
// always takes the time of the host, so the tail of the message is made again,
// and the handshake's running hash with it, as if the clock had been another one.
// What that needs are unexported fields of the peer; newStamper fails when a
// wireguard-go has them no more.
type stamper struct {
	mutex        *sync.RWMutex // guards the next four
	hash         *[blake2s.Size]byte
	ephemeral    *wg.NoisePrivateKey
	index        *uint32
	staticStatic *[wg.NoisePublicKeySize]byte
	remote       wg.NoisePublicKey
	macs         *wg.CookieGenerator
}

func newStamper(peer *wg.Peer) (*stamper, error) {
	owner := reflect.ValueOf(peer).Elem()
	handshake := owner.FieldByName("handshake")
	if !handshake.IsValid() || handshake.Kind() != reflect.Struct {
		return nil, fmt.Errorf("this wireguard-go has no Peer.handshake: the clock cannot be set")
	}
	var s stamper
	var remote *wg.NoisePublicKey
	for _, err := range []error{
		field(handshake, "mutex", &s.mutex),
		field(handshake, "hash", &s.hash),
		field(handshake, "localEphemeral", &s.ephemeral),
		field(handshake, "localIndex", &s.index),
		field(handshake, "precomputedStaticStatic", &s.staticStatic),
		field(handshake, "remoteStatic", &remote),
		field(owner, "cookieGenerator", &s.macs),
	} {
		if err != nil {
			return nil, err
		}
	}
	s.remote = *remote // never changes
	return &s, nil
}

// field points to at owner's field of that name, if it has the type expected.
func field[T any](owner reflect.Value, name string, to **T) error {
	f := owner.FieldByName(name)
	if !f.IsValid() || f.Type() != reflect.TypeFor[T]() {
		return fmt.Errorf("this wireguard-go has no %s %s to set", name, reflect.TypeFor[T]())
	}
	*to = (*T)(unsafe.Pointer(f.UnsafeAddr()))
	return nil
}

// restamp rewrites the initiation that was just made. It reports false if a later
// one has taken its place already.
func (s *stamper) restamp(initiation []byte, at time.Time) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if binary.LittleEndian.Uint32(initiation[atSender:]) != *s.index {
		return false
	}
	hash, chain := wg.InitialHash, wg.InitialChainKey
	mixHash(&hash, s.remote[:])
	wg.KDF1(&chain, chain[:], initiation[atEphemeral:atStatic])
	mixHash(&hash, initiation[atEphemeral:atStatic])
	shared, err := curve25519.X25519(s.ephemeral[:], s.remote[:])
	if err != nil {
		return false
	}
	var key [chacha20poly1305.KeySize]byte
	wg.KDF2(&chain, &key, chain[:], shared)
	mixHash(&hash, initiation[atStatic:atTimestamp])
	wg.KDF2(&chain, &key, chain[:], s.staticStatic[:])
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return false
	}
	stamp := noise.StampAt(at)
	aead.Seal(initiation[atTimestamp:atTimestamp], wg.ZeroNonce[:], stamp[:], hash[:])
	mixHash(&hash, initiation[atTimestamp:atMacs])
	*s.hash = hash
	clear(initiation[atMacs:])
	s.macs.AddMacs(initiation)
	return true
}

func mixHash(hash *[blake2s.Size]byte, data []byte) {
	*hash = blake2s.Sum256(append(hash[:], data...))
}
