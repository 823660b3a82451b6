package frame

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestReadTakesFramesFromAnyPieces(t *testing.T) {
	stream := append(encode(Start, 7, map[string]int{"node": 3}), encode(Answer, 1<<31, struct{}{})...)
	for _, r := range []io.Reader{bytes.NewReader(stream), iotest.OneByteReader(bytes.NewReader(stream))} {
		first, err := Read(r)
		if err != nil || first.Type != Start || first.ID != 7 || string(first.Body) != `{"node":3}` {
			t.Fatal(first, err)
		}
		second, err := Read(r)
		if err != nil || second.Type != Answer || second.ID != 1<<31 || string(second.Body) != `{}` {
			t.Fatal(second, err)
		}
		if _, err := Read(r); err != io.EOF {
			t.Fatal(err)
		}
	}
}

func TestReadRefusesWhatIsNoFrame(t *testing.T) {
	whole := encode(Stop, 1, struct{}{})
	for name, data := range map[string][]byte{
		"too short":       {0, 0, 0, 4, 1, 0, 0, 0, 0},
		"too long":        {0, 0x10, 0, 1, 1, 0, 0, 0, 0},
		"cut in header":   whole[:6],
		"cut in the body": whole[:len(whole)-1],
		"cut before body": whole[:9],
	} {
		if f, err := Read(bytes.NewReader(data)); err == nil || err == io.EOF {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	if _, err := Read(bytes.NewReader([]byte{0, 0x10, 0, 0, 1, 0, 0, 0, 0})); err != io.ErrUnexpectedEOF {
		t.Errorf("a frame of 1 MiB: %v", err)
	}
}

func TestTypesAreThoseOfTheContract(t *testing.T) {
	for want, got := range map[int]Type{1: Start, 2: Stop, 3: Status, 4: Whois, 5: Ping, 6: QueryDNS, 7: Logout,
		8: SetWantRunning, 9: Certificate, 10: Runtime, 64: Answer, 65: StatusEvent, 66: LogEvent, 67: EndedEvent} {
		if int(got) != want {
			t.Errorf("type %d is %d", want, got)
		}
	}
}

func TestAnswerThatCannotBeSentIsAFailure(t *testing.T) {
	for name, body := range map[string]any{"too long": strings.Repeat("x", maxLength), "no JSON": make(chan int)} {
		f, err := Read(bytes.NewReader(encode(Answer, 5, body)))
		var failure Failure
		if err != nil || f.ID != 5 || json.Unmarshal(f.Body, &failure) != nil || failure.Error == "" {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
}

func node(t *testing.T, f Frame) (n uint64) {
	t.Helper()
	var body struct{ Node, Serial uint64 }
	if err := json.Unmarshal(f.Body, &body); err != nil {
		t.Fatal(err)
	}
	return body.Node*1000 + body.Serial
}

// Java does not read while statuses, answers and far too many log lines come.
func TestWriterUnderPressureDropsLogsAlone(t *testing.T) {
	java, out := net.Pipe() // unbuffered: the first write already blocks
	w := NewWriter(out)
	body := func(node, serial uint64) any { return map[string]uint64{"node": node, "serial": serial} }
	start := time.Now()
	w.Answer(9, nil)
	for i := range uint64(100) {
		w.Status(1, body(1, i))
		w.Status(2, body(2, i))
		w.Answer(uint32(i+100), body(0, i))
		for range 50 {
			w.Log(Log{Level: "info", Text: "line"})
		}
	}
	w.Ended(body(1, 999))
	if took := time.Since(start); took > 5*time.Second {
		t.Fatalf("the writer blocked its callers for %v", took)
	}
	closed := w.Close()

	var answers []uint32
	last := map[uint64]uint64{}
	statuses, logs, ended := 0, 0, 0
	var final Log
	for {
		f, err := Read(java)
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch f.Type {
		case Answer:
			answers = append(answers, f.ID)
		case StatusEvent:
			statuses++
			last[node(t, f)/1000] = node(t, f) % 1000
			if ended > 0 {
				t.Error("a status after the end")
			}
		case EndedEvent:
			ended++
		case LogEvent:
			logs++
			if err := json.Unmarshal(f.Body, &final); err != nil {
				t.Fatal(err)
			}
		}
	}
	<-closed
	if len(answers) != 101 || answers[0] != 9 || answers[100] != 199 {
		t.Errorf("answers %v", answers)
	}
	if last[1] != 99 || last[2] != 99 || statuses > 6 {
		t.Errorf("%d statuses, the last ones %v", statuses, last)
	}
	if ended != 1 {
		t.Errorf("%d ends", ended)
	}
	// Two batches of them: one was being written, one waited.
	if logs > 2*maxLogs+2 || logs < 2 || !strings.Contains(final.Text, "dropped") {
		t.Errorf("%d log lines, the last %q", logs, final.Text)
	}
}

func TestWriterSurvivesAClosedOtherEnd(t *testing.T) {
	java, out := net.Pipe()
	w := NewWriter(out)
	java.Close()
	w.Answer(1, nil)
	select {
	case <-w.done:
	case <-time.After(10 * time.Second):
		t.Fatal("the writer did not end")
	}
	w.Answer(2, nil)
	<-w.Close()
}

// panicking is an end of the pair whose writing has a defect.
type panicking struct{ closed chan struct{} }

func (p panicking) Write([]byte) (int, error) { panic("a defect") }

func (p panicking) Close() error {
	close(p.closed)
	return nil
}

func TestAPanicOfTheWriterClosesThePairAndNotTheProcess(t *testing.T) {
	p := panicking{make(chan struct{})}
	w := NewWriter(p)
	w.Ended(struct{}{})
	for _, end := range []<-chan struct{}{p.closed, w.done} {
		select {
		case <-end:
		case <-time.After(10 * time.Second):
			t.Fatal("the pair stays open, so nobody hears of the panic")
		}
	}
	w.Ended(struct{}{}) // nobody is there any more, and it does not wait
}
