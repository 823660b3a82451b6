package fleet

import (
	"slices"
	"time"

	"dev.tailbridge/embedded/cmd/lab/usage"
)

type report struct {
	Devices        int   `json:"devices"`
	Up             int   `json:"up"`
	Heard          int   `json:"heard"`
	UpMillis       times `json:"upMs"`
	HeardMillis    times `json:"heardMs"`
	MonotonicNanos int64 `json:"monotonicNanos"`
	tally
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpuSeconds"`
	RSSBytes   int64   `json:"rssBytes"`
}

// times are milliseconds.
type times struct {
	First float64 `json:"first"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Last  float64 `json:"last"`
}

func spread(took []time.Duration) times {
	if len(took) == 0 {
		return times{}
	}
	slices.Sort(took)
	at := func(percent int) float64 { return milliseconds(took[(len(took)-1)*percent/100]) }
	return times{at(0), at(50), at(90), at(99), at(100)}
}

func milliseconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return float64(d.Microseconds()) / 1000
}

func (f *fleet) report() report {
	m := f.mark.Load()
	var ups, heards []time.Duration
	for _, c := range f.chips {
		up, heard := c.upSince(m)
		if up >= 0 {
			ups = append(ups, up)
		}
		if heard >= 0 {
			heards = append(heards, heard)
		}
	}
	return report{
		Devices: len(f.chips), Up: len(ups), Heard: len(heards), UpMillis: spread(ups), HeardMillis: spread(heards),
		MonotonicNanos: m.monotonicNanos, tally: f.counts.since(m.before),
		Seconds: time.Since(m.at).Seconds(), CPUSeconds: usage.CPUSeconds(), RSSBytes: usage.RSSBytes(),
	}
}
