package probe

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

// swept is what one round over many servers saw.
type swept struct {
	Requests  int      `json:"requests"`
	MaxMillis float64  `json:"maxms"` // of those that were answered
	Slowest   string   `json:"slowest"`
	Failed    []string `json:"failed"` // the addresses that gave no answer, and why
}

// sweep fetches from one server after the other, once from each.
func (w web) sweep(ctx context.Context, args line.Args) (any, error) {
	timeout, err := args.Seconds("timeout", 5*time.Second)
	if err != nil {
		return nil, err
	}
	pause, err := args.Seconds("pause", 0)
	if err != nil {
		return nil, err
	}
	return w.round(ctx, args.Words(0), pause, timeout), nil
}

func (w web) round(ctx context.Context, addresses []string, pause, timeout time.Duration) swept {
	s := swept{Failed: []string{}}
	for _, address := range addresses {
		select {
		case <-ctx.Done():
			return s
		case <-time.After(pause):
		}
		s.Requests++
		one, cancel := context.WithTimeout(ctx, timeout)
		f, err := w.fetch(one, address)
		cancel()
		if err == nil && f.Status != http.StatusOK {
			err = fmt.Errorf("status %d", f.Status)
		}
		if err != nil {
			s.Failed = append(s.Failed, address+": "+err.Error())
			continue
		}
		if f.Millis > s.MaxMillis {
			s.MaxMillis, s.Slowest = f.Millis, address
		}
	}
	return s
}
