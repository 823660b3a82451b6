package service

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Web is the HTTP service: / greets, /bulk?bytes=N streams Bulk(N) with its sum
// in the trailer X-Sha256, /bulk.sha256?bytes=N gives the sum alone, POST /upload
// answers with count and sum of the body, /whoami with the caller's address,
// /slow?ms=N with the greeting after that time.
func Web(greeting string) http.Handler {
	mux := http.NewServeMux()
	greet := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, greeting)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { greet(w) })
	mux.HandleFunc("GET /bulk", serveBulk)
	mux.HandleFunc("GET /bulk.sha256", func(w http.ResponseWriter, r *http.Request) {
		if n, ok := numberOf(w, r, "bytes", MaxBulk); ok {
			fmt.Fprintln(w, BulkSum(n))
		}
	})
	mux.HandleFunc("POST /upload", serveUpload)
	mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.RemoteAddr)
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		ms, ok := numberOf(w, r, "ms", 600_000)
		if !ok {
			return
		}
		select {
		case <-time.After(time.Duration(ms) * time.Millisecond):
			greet(w)
		case <-r.Context().Done():
		}
	})
	return mux
}

// ServeWeb serves Web on l until l is closed. It closes connections only when the
// caller does, so that the caller's side keeps the TIME_WAIT.
func ServeWeb(l net.Listener, greeting string) *http.Server {
	server := &http.Server{Handler: Web(greeting), ReadHeaderTimeout: 30 * time.Second}
	go server.Serve(l)
	return server
}

func serveBulk(w http.ResponseWriter, r *http.Request) {
	n, ok := numberOf(w, r, "bytes", MaxBulk)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Trailer", "X-Sha256")
	sum := sha256.New()
	// A reader and writer without shortcuts: 64 KiB at a time through the sum.
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, io.TeeReader(Bulk(n), sum), make([]byte, 64<<10)); err != nil {
		return // the caller left
	}
	w.Header().Set("X-Sha256", Sum(sum))
}

func serveUpload(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		http.Error(w, fmt.Sprintf("upload broke off after %d bytes: %v", n, err), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(Received{Bytes: n, Sha256: Sum(sum)})
}

// Received is the answer to an upload.
type Received struct {
	Bytes  int64  `json:"bytes"`
	Sha256 string `json:"sha256"`
}

func numberOf(w http.ResponseWriter, r *http.Request, key string, most int64) (int64, bool) {
	n, err := strconv.ParseInt(r.URL.Query().Get(key), 10, 64)
	if err != nil || n < 0 || n > most {
		http.Error(w, fmt.Sprintf("%s?%s= takes a number from 0 to %d", r.URL.Path, key, most), http.StatusBadRequest)
		return 0, false
	}
	return n, true
}
