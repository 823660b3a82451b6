package wgload

import (
	"golang.org/x/net/ipv4"
	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/noise"
	"dev.tailbridge/embedded/cmd/lab/offload"
)

// chipWindow is the replay window of the WireGuard libraries for chips, in packets.
const chipWindow = 32

// receive serves the socket until it is closed.
func (c *client) receive() {
	count, length := 64, 2048
	if c.gro {
		count, length = 8, 64<<10
	}
	messages := make([]ipv4.Message, count)
	for i := range messages {
		messages[i].Buffers = [][]byte{make([]byte, length)}
		messages[i].OOB = make([]byte, offload.ControlSize)
	}
	connection := ipv4.NewPacketConn(c.socket)
	plain := make([]byte, 0, 64<<10)
	for {
		n, err := connection.ReadBatch(messages, 0)
		if err != nil {
			if !c.refused(err) {
				return
			}
			continue
		}
		before := c.received.Load()
		for i := range messages[:n] {
			m := &messages[i]
			data := m.Buffers[0][:m.N]
			size := max(offload.Coalesced(m.OOB[:m.NN], m.N), 1)
			for len(data) > 0 {
				one := data[:min(size, len(data))]
				data = data[len(one):]
				c.input(one, plain)
			}
		}
		if c.received.Load() != before {
			select {
			case c.progress <- struct{}{}:
			default:
			}
		}
	}
}

// input takes one datagram; plain is room for its content.
func (c *client) input(message, plain []byte) {
	switch noise.Type(message) {
	case wg.MessageTransportType:
		c.consumeTransport(message, plain)
	case wg.MessageResponseType:
		c.consumeResponse(message)
	case wg.MessageCookieReplyType:
		c.mu.Lock()
		c.macs.ConsumeCookie(message)
		c.mu.Unlock()
	}
}

// consumeTransport counts a packet, once it is authentic.
func (c *client) consumeTransport(message, plain []byte) {
	s := c.session.Load()
	if s == nil || noise.Receiver(message) != s.Local {
		return
	}
	packet, counter, err := s.Open(plain, message)
	if err != nil {
		return
	}
	if counter >= s.next {
		s.next = counter + 1
	} else {
		c.disordered.Add(1)
		if s.next-1-counter >= chipWindow {
			c.late.Add(1)
		}
	}
	if len(packet) > 0 {
		c.received.Add(1)
		c.receivedBytes.Add(int64(len(packet)))
	}
}
