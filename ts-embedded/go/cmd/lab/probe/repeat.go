package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

// A request that takes longer than stalled is no sample but a stall; at giveUp it
// is broken off, or the stalls of a minute would be all that is measured.
const (
	stalled = 1500 * time.Millisecond
	giveUp  = 2 * time.Second
)

type series struct {
	Requests   int     `json:"requests"`
	Errors     int     `json:"errors"`
	Stalls     int     `json:"stalls"`
	P50Micros  float64 `json:"p50us"`
	P99Micros  float64 `json:"p99us"`
	MaxMillis  float64 `json:"maxms"`
	Seconds    float64 `json:"seconds"`
	FirstError string  `json:"firstError,omitempty"`
}

// repeat fetches again and again, one request after the other.
func (w web) repeat(ctx context.Context, args line.Args) (any, error) {
	seconds, err := args.Seconds("seconds", 5*time.Second)
	if err != nil {
		return nil, err
	}
	count, err := args.OptionInt("count", 1_000_000, 1, 1_000_000)
	if err != nil {
		return nil, err
	}
	fetch := w.fetchOnce
	switch connection := args.Option("connection", "new"); connection {
	case "new":
	case "kept":
		transport := &http.Transport{DialContext: w.dial, DisableCompression: true}
		defer transport.CloseIdleConnections()
		fetch = func(ctx context.Context, address string) error { return fetchOver(ctx, transport, address) }
	default:
		return nil, fmt.Errorf("connection=%s: new or kept", connection)
	}
	return measure(ctx, seconds, int(count), func(ctx context.Context) error { return fetch(ctx, args.Word(0)) }), nil
}

func measure(ctx context.Context, seconds time.Duration, count int, fetch func(context.Context) error) series {
	var s series
	var times []time.Duration
	start := time.Now()
	for time.Since(start) < seconds && s.Requests < count && ctx.Err() == nil {
		s.Requests++
		begun := time.Now()
		one, cancel := context.WithTimeout(ctx, giveUp)
		err := fetch(one)
		cancel()
		switch took := time.Since(begun); {
		case took >= stalled:
			s.Stalls++
		case err != nil:
			if s.Errors++; s.FirstError == "" {
				s.FirstError = err.Error()
			}
		default:
			times = append(times, took)
		}
	}
	s.Seconds = time.Since(start).Seconds()
	if n := len(times); n > 0 {
		slices.Sort(times)
		s.P50Micros = float64(times[n/2].Nanoseconds()) / 1000
		s.P99Micros = float64(times[n*99/100].Nanoseconds()) / 1000
		s.MaxMillis = milliseconds(times[n-1])
	}
	return s
}

// fetchOnce fetches over a connection of its own.
func (w web) fetchOnce(ctx context.Context, address string) error {
	f, err := w.fetch(ctx, address)
	if err == nil && f.Status != http.StatusOK {
		err = fmt.Errorf("status %d", f.Status)
	}
	return err
}

func fetchOver(ctx context.Context, transport http.RoundTripper, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
