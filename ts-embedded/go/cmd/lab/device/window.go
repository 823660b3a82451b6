package device

import (
	"encoding/binary"
	"sync/atomic"

	wg "golang.zx2c4.com/wireguard/device"
)

// chipWindow is the replay window of the WireGuard libraries for chips, in packets.
const chipWindow = 32

// window looks at the counters of transport packets before they are decrypted. It
// counts those that a chip would refuse because too many newer ones came first,
// and refuses them too when told to. One goroutine calls admits.
type window struct {
	refuse bool
	late   atomic.Uint64
	newest map[uint32]uint64 // receiver index → greatest counter
}

func (w *window) admits(packet []byte) bool {
	if !isTransport(packet) {
		return true
	}
	session := binary.LittleEndian.Uint32(packet[4:])
	counter := binary.LittleEndian.Uint64(packet[8:])
	newest, seen := w.newest[session]
	if !seen || counter > newest {
		if w.newest == nil {
			w.newest = map[uint32]uint64{}
		}
		w.newest[session] = counter
		return true
	}
	if newest-counter < chipWindow {
		return true
	}
	w.late.Add(1)
	return !w.refuse
}

func isTransport(packet []byte) bool {
	return len(packet) >= wg.MessageTransportSize && binary.LittleEndian.Uint32(packet) == wg.MessageTransportType
}

func isInitiation(packet []byte) bool {
	return len(packet) == wg.MessageInitiationSize && binary.LittleEndian.Uint32(packet) == wg.MessageInitiationType
}
