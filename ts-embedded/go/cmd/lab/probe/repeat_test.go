package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestKeptIsOneConnectionAndNewIsOneForEach(t *testing.T) {
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	w := web{(&net.Dialer{}).DialContext}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for want, fetch := range map[int64]func(context.Context) error{
		1:  func(ctx context.Context) error { return fetchOver(ctx, transport, server.URL) },
		20: func(ctx context.Context) error { return w.fetchOnce(ctx, server.URL) },
	} {
		connections.Store(0)
		s := measure(context.Background(), time.Minute, 20, fetch)
		if s.Requests != 20 || s.Errors != 0 || s.P50Micros <= 0 || s.P99Micros < s.P50Micros {
			t.Errorf("20 requests: %+v", s)
		}
		if got := connections.Load(); got != want {
			t.Errorf("%d connections, want %d", got, want)
		}
	}
}

func TestAStallIsNeitherSampleNorError(t *testing.T) {
	s := measure(context.Background(), time.Minute, 1, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if s.Stalls != 1 || s.Errors != 0 || s.P50Micros != 0 {
		t.Errorf("a request without an answer: %+v", s)
	}
	s = measure(context.Background(), time.Minute, 1, func(context.Context) error { return errors.New("no") })
	if s.Stalls != 0 || s.Errors != 1 || s.FirstError != "no" {
		t.Errorf("a request that fails: %+v", s)
	}
}
