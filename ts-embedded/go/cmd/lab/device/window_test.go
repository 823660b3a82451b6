package device

import (
	"encoding/binary"
	"testing"

	wg "golang.zx2c4.com/wireguard/device"
)

func transport(session uint32, counter uint64) []byte {
	packet := make([]byte, wg.MessageTransportSize)
	packet[0] = wg.MessageTransportType
	binary.LittleEndian.PutUint32(packet[4:], session)
	binary.LittleEndian.PutUint64(packet[8:], counter)
	return packet
}

func TestWindowRefusesWhat32NewerOnesOvertook(t *testing.T) {
	w := &window{refuse: true}
	for _, c := range []struct {
		session uint32
		counter uint64
		admits  bool
	}{{1, 0, true}, {1, 40, true}, {1, 9, true}, {1, 8, false}, {2, 0, true}, {1, 41, true}, {1, 9, false}} {
		if got := w.admits(transport(c.session, c.counter)); got != c.admits {
			t.Errorf("session %d counter %d: %v", c.session, c.counter, got)
		}
	}
	if w.late.Load() != 2 {
		t.Errorf("%d late packets counted", w.late.Load())
	}
	if !w.admits([]byte{1, 0, 0, 0}) || !w.admits(nil) {
		t.Error("other messages are none of its business")
	}
}
