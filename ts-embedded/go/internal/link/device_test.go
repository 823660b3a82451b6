package link

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/tailscale/wireguard-go/tun"
	"golang.org/x/sys/unix"
)

const offset = 16 // as the tun wrapper uses room before each packet

// bench is a device and Java's end of its pair.
type bench struct {
	t      *testing.T
	device *Device
	java   *os.File
	ended  chan error
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ours, fd, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, java: os.NewFile(uintptr(fd), "java"), ended: make(chan error, 10)}
	if b.device, err = New(ours, func(err error) { b.ended <- err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.device.Close()
		b.java.Close()
	})
	return b
}

// result of one Read.
type result struct {
	packets [][]byte
	err     error
}

func (b *bench) read() result {
	bufs, sizes := make([][]byte, batchSize), make([]int, batchSize)
	for i := range bufs {
		bufs[i] = make([]byte, offset+MTU)
	}
	n, err := b.device.Read(bufs, sizes, offset)
	r := result{err: err}
	for i := range n {
		r.packets = append(r.packets, bufs[i][offset:offset+sizes[i]])
	}
	return r
}

func (b *bench) readLater() <-chan result {
	c := make(chan result, 1)
	go func() { c <- b.read() }()
	return c
}

// readAll reads until that many packets came.
func (b *bench) readAll(n int) [][]byte {
	b.t.Helper()
	var all [][]byte
	for len(all) < n {
		select {
		case r := <-b.readLater():
			if r.err != nil {
				b.t.Fatal(r.err)
			}
			all = append(all, r.packets...)
		case <-time.After(patience):
			b.t.Fatalf("%d of %d packets came", len(all), n)
		}
	}
	return all
}

func (b *bench) javaWrites(data []byte) {
	b.t.Helper()
	if _, err := b.java.Write(data); err != nil {
		b.t.Fatal(err)
	}
}

// ipv4 is a packet of that length whose bytes after the header tell serial.
func ipv4(length int, serial uint32) []byte {
	p := make([]byte, length)
	p[0] = 0x45
	binary.BigEndian.PutUint16(p[2:], uint16(length))
	if length >= ipv4Header+4 {
		binary.BigEndian.PutUint32(p[ipv4Header:], serial)
	}
	return p
}

func ipv6(length int) []byte {
	p := make([]byte, length)
	p[0] = 0x60
	binary.BigEndian.PutUint16(p[4:], uint16(length-ipv6Header))
	p[6] = 59 // no next header
	return p
}

func withOffset(packets ...[]byte) [][]byte {
	bufs := make([][]byte, len(packets))
	for i, p := range packets {
		bufs[i] = append(make([]byte, offset), p...)
	}
	return bufs
}

func equal(t *testing.T, got, want [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d packets instead of %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("packet %d differs: %x instead of %x", i, got[i], want[i])
		}
	}
}

func TestReadHandsOverManySmallPacketsInBatches(t *testing.T) {
	b := newBench(t)
	var want [][]byte
	for i := range chunk / 40 {
		want = append(want, ipv4(40, uint32(i)))
	}
	b.javaWrites(bytes.Join(want, nil))
	var got [][]byte
	for len(got) < len(want) {
		r := b.read()
		if r.err != nil || len(r.packets) == 0 || len(r.packets) > batchSize {
			t.Fatalf("%d packets in a batch, error %v", len(r.packets), r.err)
		}
		got = append(got, r.packets...)
	}
	equal(t, got, want)
}

func TestReadJoinsPacketsCutAtAnyByte(t *testing.T) {
	want := [][]byte{ipv4(20, 0), ipv6(40), ipv4(41, 7), ipv6(300), ipv4(MTU, 9)}
	stream := bytes.Join(want, nil)
	for cut := 1; cut < len(stream); cut++ {
		b := newBench(t)
		b.javaWrites(stream[:cut])
		whole, done := 0, len(want[0])
		for done <= cut {
			whole++
			done += len(want[whole])
		}
		got := b.readAll(whole)
		b.javaWrites(stream[cut:])
		equal(t, append(got, b.readAll(len(want)-len(got))...), want)
		b.device.Close()
		b.java.Close()
	}
}

func TestReadJoinsRandomPieces(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	b := newBench(t)
	var want [][]byte
	var stream []byte
	for i := range 2000 {
		p := ipv4(ipv4Header+random.IntN(MTU-ipv4Header+1), uint32(i))
		stream = append(stream, p...)
		want = append(want, p)
		if random.IntN(10) == 0 { // above the MTU: skipped
			stream = append(stream, ipv4(MTU+1+random.IntN(65535-MTU), 0)...)
		}
	}
	go func() {
		for len(stream) > 0 {
			n := min(len(stream), 1+random.IntN(5000))
			b.java.Write(stream[:n])
			stream = stream[n:]
		}
	}()
	equal(t, b.readAll(len(want)), want)
}

func TestReadSkipsAndCountsPacketsAboveTheMTU(t *testing.T) {
	b := newBench(t)
	b.javaWrites(bytes.Join([][]byte{ipv4(MTU+1, 0), ipv4(30, 1), ipv4(65535, 0), ipv6(MTU + 1), ipv4(30, 2)}, nil))
	equal(t, b.readAll(2), [][]byte{ipv4(30, 1), ipv4(30, 2)})
	if bad := b.device.Counters().FromJavaBad; bad != 3 {
		t.Errorf("%d packets counted as bad instead of 3", bad)
	}
}

func TestReadEndsTheNodeWhenTheFramingIsLost(t *testing.T) {
	jumbo := ipv6(40)
	jumbo[6] = hopByHop
	short := ipv4(20, 0)
	short[0] = 0x44
	less := ipv4(20, 0)
	less[3] = 19
	for name, bad := range map[string][]byte{
		"version": append([]byte{0x55}, make([]byte, 40)...), "zeros": make([]byte, 40), "jumbogram": jumbo,
		"header length": short, "total length": less,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			good := ipv4(60, 3)
			b.javaWrites(append(bytes.Clone(good), bad...))
			equal(t, b.readAll(1), [][]byte{good})
			b.mustStayBlockedAndEnd()
		})
	}
}

func TestReadStaysBlockedWhenJavaCloses(t *testing.T) {
	b := newBench(t)
	b.java.Close()
	b.mustStayBlockedAndEnd()
}

func TestReadStaysBlockedWhenJavaClosesWithUnreadData(t *testing.T) {
	b := newBench(t)
	b.device.Write(withOffset(ipv4(100, 0)), offset)
	b.java.Close()
	b.mustStayBlockedAndEnd()
}

// mustStayBlockedAndEnd wants a Read that tells the owner and returns only
// after Close, with the error that wireguard-go takes for a closed device.
func (b *bench) mustStayBlockedAndEnd() {
	b.t.Helper()
	reading := b.readLater()
	select {
	case err := <-b.ended:
		if err == nil {
			b.t.Error("no reason given")
		}
	case <-time.After(patience):
		b.t.Fatal("the end was not told")
	}
	select {
	case r := <-reading:
		b.t.Fatalf("Read returned %v before Close", r.err)
	case <-time.After(50 * time.Millisecond):
	}
	b.device.Close()
	if r := <-reading; !errors.Is(r.err, os.ErrClosed) {
		b.t.Errorf("Read returned %v", r.err)
	}
}

func TestCloseUnblocksReadAndMayBeRepeated(t *testing.T) {
	b := newBench(t)
	reading := b.readLater()
	if e := <-b.device.Events(); e != tun.EventUp {
		t.Errorf("event %v", e)
	}
	b.device.Close()
	b.device.Close()
	if r := <-reading; !errors.Is(r.err, os.ErrClosed) {
		t.Errorf("Read returned %v", r.err)
	}
	if _, open := <-b.device.Events(); open {
		t.Error("the event channel is open")
	}
	if _, err := b.device.Write(withOffset(ipv4(30, 0)), offset); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write returned %v", err)
	}
	select {
	case err := <-b.ended:
		t.Errorf("Close told Java's end: %v", err)
	default:
	}
}

func TestPairIsNonBlockingAndClosedOnExec(t *testing.T) {
	ours, fd, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer unix.Close(fd)
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_NONBLOCK == 0 {
		t.Errorf("flags %x, %v", flags, err)
	}
	if flags, err = unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("descriptor flags %x, %v", flags, err)
	}
	if size, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF); err != nil || size < 400<<10 {
		t.Errorf("send buffer of %d bytes, %v", size, err)
	}
}
