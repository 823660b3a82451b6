package link

import (
	"io"
	"sync"
	"testing"
	"time"
)

// javaReads takes so many whole packets from Java's end, however late they come,
// and sees that there is no more.
func (b *bench) javaReads(want int) (packets [][]byte) {
	b.t.Helper()
	for {
		within := patience
		if len(packets) >= want {
			within = quiet
		}
		b.java.SetReadDeadline(time.Now().Add(within))
		head := make([]byte, 7)
		if _, err := b.java.Read(head[:1]); err != nil {
			return packets
		}
		b.java.SetReadDeadline(time.Now().Add(patience))
		if n, err := io.ReadFull(b.java, head[1:]); err != nil {
			b.t.Fatalf("the stream ends within a header, after %d bytes", n+1)
		}
		length, err := packetLength(head)
		if err != nil {
			b.t.Fatalf("framing lost after %d packets: %v", len(packets), err)
		}
		packet := append(head, make([]byte, length-len(head))...)
		if _, err := io.ReadFull(b.java, packet[len(head):]); err != nil {
			b.t.Fatalf("the rest of packet %d did not come: %v", len(packets), err)
		}
		packets = append(packets, packet)
	}
}

const (
	quiet    = 50 * time.Millisecond
	patience = 30 * time.Second
)

func TestWriteSendsAllPacketsInOrder(t *testing.T) {
	b := newBench(t)
	want := [][]byte{ipv4(20, 0), ipv6(77), ipv4(1280, 5)}
	if n, err := b.device.Write(withOffset(want...), offset); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	equal(t, b.javaReads(len(want)), want)
}

func TestWriteDropsPacketsThatContradictTheirHeader(t *testing.T) {
	b := newBench(t)
	short, long := ipv4(60, 0)[:59], append(ipv4(60, 0), 0)
	b.device.Write(withOffset(short, ipv4(60, 1), long, []byte{0x45}, nil, []byte{0}), offset)
	equal(t, b.javaReads(1), [][]byte{ipv4(60, 1)})
	if dropped := b.device.Counters().ToJavaDropped; dropped != 5 {
		t.Errorf("%d packets counted as dropped instead of 5", dropped)
	}
}

// A full socket cuts a batch, usually within a packet. What was begun must come
// whole although nothing is written any more, and everything is counted.
func TestWriteKeepsTheFramingOfAFullSocket(t *testing.T) {
	for _, size := range []int{1280, 1279, 333} {
		b := newBench(t)
		sent := 0
		for b.device.Counters().ToJavaDropped == 0 {
			var packets [][]byte
			for range batchSize {
				packets = append(packets, ipv4(size, uint32(sent)))
				sent++
			}
			start := time.Now()
			b.device.Write(withOffset(packets...), offset)
			if took := time.Since(start); took > patience {
				t.Fatalf("Write blocked for %v", took)
			}
		}
		dropped := int(b.device.Counters().ToJavaDropped)
		got := b.javaReads(sent - dropped)
		if len(got)+dropped != sent {
			t.Errorf("size %d: %d packets written, %d read, %d dropped", size, sent, len(got), dropped)
		}
		for i, p := range got {
			if want := ipv4(size, uint32(i)); string(p) != string(want) {
				t.Fatalf("size %d: packet %d differs", size, i)
			}
		}
		// And the road is open again.
		b.device.Write(withOffset(ipv4(50, 1)), offset)
		equal(t, b.javaReads(1), [][]byte{ipv4(50, 1)})
	}
}

// Many writers, a reader that is too slow: no packet is torn, all are counted.
func TestWriteByManyWithASlowReader(t *testing.T) {
	b := newBench(t)
	const writers, batches = 4, 300
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range batches {
				var packets [][]byte
				for k := range 16 {
					packets = append(packets, ipv4(60+(i*7+k*131)%1200, uint32(w)))
				}
				b.device.Write(withOffset(packets...), offset)
			}
		})
	}
	written := make(chan struct{})
	go func() { all.Wait(); close(written) }()
	got := 0
	for finished := false; !finished; {
		select {
		case <-written:
			finished = true
		default:
			got += len(b.javaReads(0)) // now and then, until it is quiet
		}
	}
	dropped := int(b.device.Counters().ToJavaDropped)
	if got += len(b.javaReads(writers*batches*16 - dropped - got)); got+dropped != writers*batches*16 {
		t.Errorf("%d read and %d dropped of %d", got, dropped, writers*batches*16)
	}
}

func TestWriteToAClosedEndIsCountedAndHarmless(t *testing.T) {
	b := newBench(t)
	b.java.Close()
	if n, err := b.device.Write(withOffset(ipv4(60, 0), ipv4(60, 1)), offset); n != 2 || err != nil {
		t.Error(n, err)
	}
	if dropped := b.device.Counters().ToJavaDropped; dropped != 2 {
		t.Errorf("%d packets counted as dropped instead of 2", dropped)
	}
}

// Java closes while the rest of a packet waits: the flush goroutine must end.
func TestFlushEndsWhenJavaCloses(t *testing.T) {
	b := newBench(t)
	for b.device.Counters().ToJavaDropped == 0 {
		b.device.Write(withOffset(ipv4(1279, 0), ipv4(1279, 0), ipv4(1279, 0)), offset)
	}
	b.java.Close()
	deadline := time.Now().Add(patience)
	for {
		b.device.writer.mu.Lock()
		flushing := b.device.writer.flushing
		b.device.writer.mu.Unlock()
		if !flushing {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the flush goroutine lives")
		}
		time.Sleep(time.Millisecond)
	}
}
