package probe

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/service"
)

type web struct{ dial Dial }

// do sends one request on a connection of its own, hands the answer to read and
// closes the connection. The span is that of the whole, dial included.
func (w web) do(ctx context.Context, method, address string, body io.Reader, size int64, read func(*http.Response) error) (time.Duration, error) {
	start := time.Now()
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, err
	}
	if body != nil {
		request.ContentLength = size
	}
	// Keep-alive is left on so that the server does not close first; the client
	// does, below.
	transport := &http.Transport{DialContext: w.dial, DisableCompression: true, ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return time.Since(start), err
	}
	defer response.Body.Close()
	err = read(response)
	return time.Since(start), err
}

func within(ctx context.Context, args line.Args, otherwise time.Duration) (context.Context, context.CancelFunc, error) {
	timeout, err := args.Seconds("timeout", otherwise)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	return ctx, cancel, nil
}

type fetched struct {
	Status int     `json:"status"`
	Bytes  int64   `json:"bytes"`
	Millis float64 `json:"ms"`
	Body   string  `json:"body"`
}

func (w web) get(ctx context.Context, args line.Args) (any, error) {
	ctx, cancel, err := within(ctx, args, 30*time.Second)
	if err != nil {
		return nil, err
	}
	defer cancel()
	return w.fetch(ctx, args.Word(0))
}

func (w web) fetch(ctx context.Context, address string) (fetched, error) {
	var f fetched
	took, err := w.do(ctx, http.MethodGet, address, nil, 0, func(r *http.Response) error {
		head, err := io.ReadAll(io.LimitReader(r.Body, 4096))
		if err != nil {
			return err
		}
		rest, err := io.Copy(io.Discard, r.Body)
		f = fetched{Status: r.StatusCode, Bytes: int64(len(head)) + rest, Body: prefix(head)}
		return err
	})
	f.Millis = milliseconds(took)
	return f, err
}

type summed struct {
	Status  int     `json:"status"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Sha256  string  `json:"sha256"`
	Trailer string  `json:"trailer,omitempty"`
}

func (w web) sum(ctx context.Context, args line.Args) (any, error) {
	ctx, cancel, err := within(ctx, args, 120*time.Second)
	if err != nil {
		return nil, err
	}
	defer cancel()
	return w.fetchSum(ctx, args.Word(0))
}

func (w web) fetchSum(ctx context.Context, address string) (summed, error) {
	var s summed
	took, err := w.do(ctx, http.MethodGet, address, nil, 0, func(r *http.Response) (err error) {
		h := sha256.New()
		s.Status = r.StatusCode
		s.Bytes, err = io.CopyBuffer(h, struct{ io.Reader }{r.Body}, make([]byte, 64<<10))
		s.Sha256, s.Trailer = service.Sum(h), r.Trailer.Get("X-Sha256")
		return err
	})
	s.Seconds = took.Seconds()
	if err != nil {
		err = fmt.Errorf("after %d bytes: %w", s.Bytes, err)
	}
	return s, err
}

type transferred struct {
	OK      bool    `json:"ok"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Mbps    float64 `json:"mbps"`
	Sha256  string  `json:"sha256"`
}

func transfer(n int64, seconds float64, sha256 string) transferred {
	return transferred{OK: true, Bytes: n, Seconds: seconds, Mbps: float64(n) * 8 / 1e6 / max(seconds, 1e-6), Sha256: sha256}
}

func (w web) down(ctx context.Context, args line.Args) (any, error) {
	n, err := args.Int(1, 0, 0, service.MaxBulk)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := within(ctx, args, 120*time.Second)
	if err != nil {
		return nil, err
	}
	defer cancel()
	s, err := w.fetchSum(ctx, strings.TrimSuffix(args.Word(0), "/")+fmt.Sprintf("/bulk?bytes=%d", n))
	switch want := service.BulkSum(n); {
	case err != nil:
		return nil, err
	case s.Status != http.StatusOK:
		return nil, fmt.Errorf("the server answers with status %d", s.Status)
	case s.Bytes != n || s.Sha256 != want || s.Trailer != want:
		return nil, fmt.Errorf("damaged: %d of %d bytes, sha256 %s, trailer %s, expected %s", s.Bytes, n, s.Sha256, s.Trailer, want)
	}
	return transfer(n, s.Seconds, s.Sha256), nil
}

func (w web) up(ctx context.Context, args line.Args) (any, error) {
	n, err := args.Int(1, 0, 0, service.MaxBulk)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(strings.TrimSuffix(args.Word(0), "/"))
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := within(ctx, args, 120*time.Second)
	if err != nil {
		return nil, err
	}
	defer cancel()
	var got service.Received
	took, err := w.do(ctx, http.MethodPost, base.String()+"/upload", service.Bulk(n), n, func(r *http.Response) error {
		return decode(r, &got)
	})
	switch want := service.BulkSum(n); {
	case err != nil:
		return nil, err
	case got.Bytes != n || got.Sha256 != want:
		return nil, fmt.Errorf("damaged: %d of %d bytes arrived, sha256 %s, expected %s", got.Bytes, n, got.Sha256, want)
	}
	return transfer(n, took.Seconds(), got.Sha256), nil
}
