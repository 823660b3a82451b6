package noise

import (
	"encoding/binary"
	"time"

	wg "golang.zx2c4.com/wireguard/device"
)

// Offsets in handshake messages.
const (
	atSender             = 4 // in both
	atInitiatorEphemeral = 8
	atStatic             = 40
	atTimestamp          = 88
	atInitiationMacs     = 116
	atReceiver           = 8
	atResponderEphemeral = 12
	atEmpty              = 44
	atResponseMacs       = 60
)

// Type is the type of a message of the right length, otherwise 0.
func Type(message []byte) uint32 {
	if len(message) < 4 {
		return 0
	}
	kind, length := binary.LittleEndian.Uint32(message), len(message)
	if kind == wg.MessageInitiationType && length == wg.MessageInitiationSize ||
		kind == wg.MessageResponseType && length == wg.MessageResponseSize ||
		kind == wg.MessageCookieReplyType && length == wg.MessageCookieReplySize ||
		kind == wg.MessageTransportType && length >= wg.MessageTransportSize {
		return kind
	}
	return 0
}

// Receiver is the index that a response, cookie reply or transport message is for.
func Receiver(message []byte) uint32 {
	if Type(message) == wg.MessageResponseType {
		return binary.LittleEndian.Uint32(message[atReceiver:])
	}
	return binary.LittleEndian.Uint32(message[4:])
}

// Stamp is a TAI64N timestamp.
type Stamp [12]byte

// StampAt is t as WireGuard writes it, whitened to about 17 ms.
func StampAt(t time.Time) (s Stamp) {
	binary.BigEndian.PutUint64(s[:], uint64(0x400000000000000a+t.Unix()))
	binary.BigEndian.PutUint32(s[8:], uint32(t.Nanosecond())&^(1<<24-1))
	return s
}
