package device

import (
	"strconv"
	"strings"
	"time"
)

// alive is how long a session lasts after its handshake (REJECT_AFTER_TIME).
const alive = 180 * time.Second

type status struct {
	Connected     bool    `json:"connected"`
	Endpoint      string  `json:"endpoint"`
	Port          uint16  `json:"port"`
	HandshakeAge  float64 `json:"handshakeAgeSeconds"` // -1: none yet
	RxBytes       int64   `json:"rxBytes"`
	TxBytes       int64   `json:"txBytes"`
	Asleep        bool    `json:"asleep"`
	Clock         string  `json:"clock"`
	Uptime        float64 `json:"uptimeSeconds"`
	LatePackets   uint64  `json:"latePackets"`
	lastHandshake time.Time
}

func (l *life) socketPort() (*socket, uint16) {
	l.socket.mu.Lock()
	defer l.socket.mu.Unlock()
	return l.socket, l.socket.port
}

func (l *life) status() (status, error) {
	text, err := l.device.IpcGet()
	if err != nil {
		return status{}, err
	}
	s, port := l.socketPort()
	st := status{
		Port: port, HandshakeAge: -1, Asleep: s.muted.Load(), LatePackets: s.window.late.Load(),
		Clock: l.clock.String(), Uptime: l.clock.Uptime().Seconds(),
	}
	var seconds, nanos int64
	for entry := range strings.SplitSeq(text, "\n") {
		key, value, _ := strings.Cut(entry, "=")
		n, _ := strconv.ParseInt(value, 10, 64) // the keys below that are numbers
		switch key {
		case "endpoint":
			st.Endpoint = value
		case "last_handshake_time_sec":
			seconds = n
		case "last_handshake_time_nsec":
			nanos = n
		case "rx_bytes":
			st.RxBytes = n
		case "tx_bytes":
			st.TxBytes = n
		}
	}
	if seconds != 0 {
		st.lastHandshake = time.Unix(seconds, nanos)
		age := time.Since(st.lastHandshake)
		st.HandshakeAge, st.Connected = age.Seconds(), age < alive
	}
	return st, nil
}
