package fleet

import (
	"math/rand/v2"
	"testing"
)

// naive remembers everything.
type naive struct {
	seen   map[uint64]bool
	newest uint64
}

func (n *naive) admits(counter uint64) bool {
	if n.seen[counter] || n.newest >= 32 && counter <= n.newest-32 {
		return false
	}
	n.seen[counter] = true
	n.newest = max(n.newest, counter)
	return true
}

func TestWindowAgainstNaiveSet(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		w, n := window{}, naive{seen: map[uint64]bool{}}
		base := uint64(random.IntN(3) * 1000)
		for range 300 {
			counter := base + random.Uint64N(50)
			if random.IntN(5) == 0 {
				base += random.Uint64N(70)
			}
			if got, want := w.admits(counter), n.admits(counter); got != want {
				t.Fatalf("seed %d: %d is admitted: %v, newest %d", seed, counter, got, n.newest)
			}
		}
	}
}
