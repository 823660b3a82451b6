package fleet

// window is the replay window of a chip's WireGuard: 32 packets.
type window struct {
	seen   uint32 // bit i: newest - i
	newest uint64
	began  bool
}

// admits reports whether counter is new, and takes it.
func (w *window) admits(counter uint64) bool {
	if !w.began || counter > w.newest {
		ahead := counter - w.newest
		if !w.began {
			ahead = 0
		}
		w.seen = w.seen<<ahead | 1 // Go shifts everything out where 32 or more are ahead
		w.newest, w.began = counter, true
		return true
	}
	behind := w.newest - counter
	if behind >= 32 || w.seen&(1<<behind) != 0 {
		return false
	}
	w.seen |= 1 << behind
	return true
}
