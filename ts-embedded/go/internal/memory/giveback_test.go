package memory

import (
	"bytes"
	"os"
	"strconv"
	"testing"
)

// pinned keeps what is allocated alive until it is to be garbage.
var pinned [][]byte

func TestFreeMemoryIsGivenBack(t *testing.T) {
	const blocks, size = 64, 1 << 20
	for range blocks {
		block := make([]byte, size)
		for i := range block {
			block[i] = 1
		}
		pinned = append(pinned, block)
	}
	before := residentKiB(t)
	pinned = nil
	GiveBack()
	after := residentKiB(t)
	if before-after < blocks*size/1024/2 {
		t.Errorf("resident %d KiB with %d MiB alive, %d KiB after these were given back", before, blocks, after)
	}
}

func residentKiB(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := bytes.Cut(status, []byte("VmRSS:"))
	kib, err := strconv.Atoi(string(bytes.Fields(line)[0]))
	if err != nil {
		t.Fatal(err)
	}
	return kib
}
