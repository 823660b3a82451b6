package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

type crowd struct {
	OK         int     `json:"ok"`
	Errors     int     `json:"errors"`
	P50Millis  float64 `json:"p50ms"`
	MaxMillis  float64 `json:"maxms"`
	FirstError string  `json:"firstError,omitempty"`
}

func (w web) many(ctx context.Context, args line.Args) (any, error) {
	n, err := args.Int(0, 0, 1, 10_000)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := within(ctx, args, 60*time.Second)
	if err != nil {
		return nil, err
	}
	defer cancel()

	var mu sync.Mutex
	var c crowd
	var times []float64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			f, err := w.fetch(ctx, args.Word(1))
			if err == nil && f.Status != http.StatusOK {
				err = fmt.Errorf("status %d", f.Status)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				if c.Errors++; c.FirstError == "" {
					c.FirstError = err.Error()
				}
				return
			}
			c.OK++
			times = append(times, f.Millis)
		})
	}
	all.Wait()
	if len(times) > 0 {
		slices.Sort(times)
		c.P50Millis, c.MaxMillis = times[len(times)/2], times[len(times)-1]
	}
	return c, nil
}

func decode(r *http.Response, to any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers with status %d: %s", r.StatusCode, prefix(body))
	}
	return json.Unmarshal(body, to)
}
