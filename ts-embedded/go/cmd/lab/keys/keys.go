// Package keys reads and makes WireGuard keys as the wg command does: 32 bytes in
// base64 on one line.
package keys

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/blake2s"
)

// Key is a WireGuard key: private, public or preshared.
type Key [32]byte

// Parse reads base64.
func Parse(text string) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != len(Key{}) {
		return Key{}, errors.New("a key is 32 bytes in base64")
	}
	return Key(raw), nil
}

// New is a random private key.
func New() Key {
	var k Key
	rand.Read(k[:])
	return k.Clamp()
}

// Clamp makes a private key of any 32 bytes (RFC 7748, section 5).
func (k Key) Clamp() Key {
	k[0] &= 248
	k[31] = k[31]&127 | 64
	return k
}

// Derive is the private key BLAKE2s-256(SEED "/" NUMBER in decimal), clamped: the
// same for the same seed and number.
func Derive(seed string, number int) Key {
	return Key(blake2s.Sum256(fmt.Appendf(nil, "%s/%d", seed, number))).Clamp()
}

// Public is the public key of the private key k.
func (k Key) Public() (Key, error) {
	private, err := ecdh.X25519().NewPrivateKey(k[:])
	if err != nil {
		return Key{}, err
	}
	return Key(private.PublicKey().Bytes()), nil
}

// Base64 is what Parse reads.
func (k Key) Base64() string { return base64.StdEncoding.EncodeToString(k[:]) }

// Generate prints a new private key.
func Generate(_ io.Reader, out io.Writer) error {
	_, err := fmt.Fprintln(out, New().Base64())
	return err
}

// Public prints the public key of the private key that it reads.
func Public(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(io.LimitReader(in, 1024))
	if err != nil {
		return err
	}
	private, err := Parse(string(text))
	if err != nil {
		return err
	}
	public, err := private.Public()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, public.Base64())
	return err
}
