package slow

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestEverythingComesInOrderAfterTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var came []byte
		var at []time.Duration
		done := make(chan struct{})
		w := New(50*time.Millisecond, func(b []byte) {
			came = append(came, b...)
			at = append(at, time.Since(start))
		}, func() { close(done) })
		w.Put([]byte{1})
		time.Sleep(10 * time.Millisecond)
		w.Put([]byte{2})
		w.Put([]byte{3})
		w.Close()
		<-done
		if !bytes.Equal(came, []byte{1, 2, 3}) {
			t.Errorf("came %v", came)
		}
		if want := []time.Duration{50 * time.Millisecond, 60 * time.Millisecond, 60 * time.Millisecond}; !slices.Equal(at, want) {
			t.Errorf("came after %v, want %v", at, want)
		}
		if w.Put([]byte{4}) {
			t.Error("a closed way takes more")
		}
	})
}
