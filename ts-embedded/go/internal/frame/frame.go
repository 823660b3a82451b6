// Package frame carries requests, answers and events between Java and Go on
// the control pair. A frame is a big-endian u32 length of what follows, a u8
// type, a big-endian u32 request id and a JSON object.
package frame

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Type says what a frame asks or tells.
type Type uint8

// Requests, each answered once.
const (
	Start Type = 1 + iota
	Stop
	Status
	Whois
	Ping
	QueryDNS
	Logout
	SetWantRunning
	Certificate
	Runtime
)

// Frames from Go. Events carry the request id 0.
const (
	Answer Type = 64 + iota
	StatusEvent
	LogEvent
	EndedEvent
)

const (
	// maxLength bounds what follows the length field.
	maxLength = 1 << 20

	lengthField = 4
	header      = 5 // type and request id
)

// Frame is one frame with its body still encoded.
type Frame struct {
	Type Type
	ID   uint32
	Body []byte
}

// Read takes the next frame from r. It returns io.EOF only between frames.
func Read(r io.Reader) (Frame, error) {
	var fixed [lengthField + header]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return Frame{}, err
	}
	length := binary.BigEndian.Uint32(fixed[:])
	if length < header || length > maxLength {
		return Frame{}, fmt.Errorf("control frame of %d bytes: between %d and %d are allowed", length, header, maxLength)
	}
	body := make([]byte, length-header)
	if _, err := io.ReadFull(r, body); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	return Frame{
		Type: Type(fixed[lengthField]),
		ID:   binary.BigEndian.Uint32(fixed[lengthField+1:]),
		Body: body,
	}, nil
}

// encode makes the bytes of a frame. A body that cannot be sent becomes an
// error of its own, so that no request stays unanswered.
func encode(t Type, id uint32, body any) []byte {
	encoded, err := json.Marshal(body)
	if err == nil && len(encoded)+header > maxLength {
		err = fmt.Errorf("the answer has %d bytes, more than a control frame may have", len(encoded))
	}
	if err != nil {
		encoded, _ = json.Marshal(Failure{err.Error()})
	}
	b := make([]byte, 0, lengthField+header+len(encoded))
	b = binary.BigEndian.AppendUint32(b, uint32(header+len(encoded)))
	b = append(b, byte(t))
	b = binary.BigEndian.AppendUint32(b, id)
	return append(b, encoded...)
}

// Failure is the body of an answer to a request that failed.
type Failure struct {
	Error string `json:"error"`
}
