// Package service holds what both ends of a journey serve: the same HTTP pages
// and the same echo on the simulated device and on the tailnet machine.
package service

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"math/rand/v2"
)

// MaxBulk bounds a transfer, in bytes.
const MaxBulk = 16 << 30

// Bulk is n bytes of pseudo-random data, the same on every machine, so that a
// receiver can check them without asking the sender.
func Bulk(n int64) io.Reader {
	seed := [32]byte([]byte("tailbridge lab: one bulk for all"))
	return io.LimitReader(rand.NewChaCha8(seed), n)
}

// BulkSum is the SHA-256 of Bulk(n), in hex.
func BulkSum(n int64) string {
	h := sha256.New()
	io.Copy(h, Bulk(n)) // neither side of it can fail
	return Sum(h)
}

// Sum is the state of h in hex.
func Sum(h hash.Hash) string {
	return hex.EncodeToString(h.Sum(nil))
}
