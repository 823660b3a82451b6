package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestASweepAsksEachServerOnceAndNamesThoseThatFail(t *testing.T) {
	page := func(status int) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	}
	good, bad, mute := page(http.StatusOK), page(http.StatusTeapot), httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer good.Close()
	defer bad.Close()
	defer mute.Close()
	s := web{(&net.Dialer{}).DialContext}.round(context.Background(), []string{good.URL, bad.URL, mute.URL, good.URL}, 0, 100*time.Millisecond)
	if s.Requests != 4 || s.Slowest != good.URL || s.MaxMillis <= 0 {
		t.Errorf("a sweep: %+v", s)
	}
	if len(s.Failed) != 2 || !strings.HasPrefix(s.Failed[0], bad.URL+": status 418") || !strings.HasPrefix(s.Failed[1], mute.URL+": ") {
		t.Errorf("what failed: %q", s.Failed)
	}
}
