// Package relay is a slow and lossy network between a WireGuard client and its
// server: one UDP port on loopback that the client takes for the server.
package relay

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"dev.tailbridge/embedded/cmd/lab/slow"
)

// transport is the type of WireGuard messages that carry packets. Only they are
// lost: a handshake's repetition after 5 s would drown what loss does to TCP.
const transport = 4

const largest = 64 << 10

type relay struct {
	client             *net.UDPConn // where the client sends to
	server             *net.UDPConn // connected to the server
	caller             atomic.Pointer[netip.AddrPort]
	loss               atomic.Int64 // of a million datagrams
	toServer, toClient counts
}

type counts struct{ passed, lost atomic.Int64 }

func open(server netip.AddrPort, delay time.Duration, seed uint64) (*relay, error) {
	up, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(server))
	if err != nil {
		return nil, err
	}
	down, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(server.Addr(), 0)))
	if err != nil {
		up.Close()
		return nil, fmt.Errorf("relay: %w", err)
	}
	r := &relay{client: down, server: up}
	for _, c := range []*net.UDPConn{up, down} {
		c.SetReadBuffer(4 << 20)
	}
	go r.carry(r.fromClient, r.upwards, &r.toServer, delay, rand.New(rand.NewPCG(seed, 1)))
	go r.carry(r.server.Read, r.downwards, &r.toClient, delay, rand.New(rand.NewPCG(seed, 2)))
	return r, nil
}

// carry passes on what read brings until its socket is closed.
func (r *relay) carry(read func([]byte) (int, error), onward func([]byte), count *counts, delay time.Duration, chance *rand.Rand) {
	way := slow.New(delay, onward, func() {})
	defer way.Close()
	buffer := make([]byte, largest)
	for {
		n, err := read(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil || n == 0:
			continue // the server's port is closed at the moment
		case buffer[0] == transport && chance.Int64N(1_000_000) < r.loss.Load():
			count.lost.Add(1)
		default:
			count.passed.Add(1)
			way.Put(bytes.Clone(buffer[:n]))
		}
	}
}

func (r *relay) fromClient(buffer []byte) (int, error) {
	n, from, err := r.client.ReadFromUDPAddrPort(buffer)
	if err == nil {
		r.caller.Store(&from)
	}
	return n, err
}

// A datagram that cannot be sent is lost, as on any network.
func (r *relay) upwards(datagram []byte) { r.server.Write(datagram) }

func (r *relay) downwards(datagram []byte) {
	if to := r.caller.Load(); to != nil {
		r.client.WriteToUDPAddrPort(datagram, *to)
	}
}

func (r *relay) close() {
	r.client.Close()
	r.server.Close()
}
