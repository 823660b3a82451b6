package service

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPages(t *testing.T) {
	server := httptest.NewServer(Web("Hello"))
	defer server.Close()
	fetch := func(method, path string, body io.Reader) (int, string, http.Header) {
		request, err := http.NewRequest(method, server.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text), response.Trailer
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/", "", 200, "Hello\n"},
		{"GET", "/bulk.sha256?bytes=0", "", 200, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"},
		{"GET", "/bulk?bytes=-1", "", 400, "takes a number"},
		{"GET", "/bulk", "", 400, "takes a number"},
		{"POST", "/upload", "abc", 200, `{"bytes":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}`},
		{"GET", "/upload", "", 405, ""},
		{"GET", "/whoami", "", 200, "127.0.0.1:"},
		{"GET", "/slow?ms=1", "", 200, "Hello"},
		{"GET", "/nothing", "", 404, ""},
	} {
		status, text, _ := fetch(c.method, c.path, strings.NewReader(c.body))
		if status != c.status || !strings.Contains(text, c.contains) {
			t.Errorf("%s %s: %d %q", c.method, c.path, status, text)
		}
	}
	_, text, trailer := fetch("GET", "/bulk?bytes=1000000", nil)
	if len(text) != 1_000_000 || trailer.Get("X-Sha256") != BulkSum(1_000_000) {
		t.Errorf("bulk: %d bytes, trailer %v", len(text), trailer)
	}
}
