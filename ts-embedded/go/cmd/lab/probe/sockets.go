package probe

import (
	"bytes"
	"context"
	"strings"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

type connected struct {
	Result  string  `json:"result"`
	Seconds float64 `json:"seconds"`
	Detail  string  `json:"detail,omitempty"`
}

func (dial Dial) tcp(ctx context.Context, args line.Args) (any, error) {
	timeout, err := args.Seconds("timeout", 5*time.Second)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	conn, err := dial(ctx, "tcp", args.Word(0))
	a := connected{Result: "ok", Seconds: time.Since(start).Seconds()}
	if err != nil {
		a.Result, a.Detail = outcome(err), err.Error()
	} else {
		conn.Close()
	}
	return a, nil
}

type echoed struct {
	Result string  `json:"result"`
	Bytes  int     `json:"bytes"`
	Millis float64 `json:"ms"`
	Reply  string  `json:"reply,omitempty"`
	Detail string  `json:"detail,omitempty"`
}

func (dial Dial) udp(ctx context.Context, args line.Args) (any, error) {
	size, err := args.OptionInt("size", 0, 0, 65507)
	if err != nil {
		return nil, err
	}
	timeout, err := args.Seconds("timeout", 2*time.Second)
	if err != nil {
		return nil, err
	}
	sent := []byte(args.Text(1))
	if size > 0 {
		sent = bytes.Repeat(sent, int(size)/len(sent)+1)[:size]
	}
	return dial.echo(ctx, args.Word(0), sent, timeout), nil
}

func (dial Dial) echo(ctx context.Context, address string, sent []byte, timeout time.Duration) echoed {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	failed := func(err error) echoed { return echoed{Result: outcome(err), Detail: err.Error()} }
	conn, err := dial(ctx, "udp", address)
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	conn.SetDeadline(time.Now().Add(timeout))
	start := time.Now()
	if _, err := conn.Write(sent); err != nil {
		return failed(err)
	}
	reply := make([]byte, 64<<10)
	n, err := conn.Read(reply)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return failed(err)
	}
	a := echoed{Result: "ok", Bytes: n, Millis: milliseconds(time.Since(start)), Reply: prefix(reply[:n])}
	if !bytes.Equal(reply[:n], sent) {
		a.Result = "different"
	}
	return a
}

// prefix is the beginning of body as one line of text.
func prefix(body []byte) string {
	return strings.ToValidUTF8(strings.TrimSpace(string(body[:min(len(body), 200)])), "?")
}
