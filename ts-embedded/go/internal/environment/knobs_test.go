package environment

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	reading = regexp.MustCompile(`envknob\.(\w*(?:Bool|BoolDefaultTrue|Int|IntSized|UintSized|Duration))\(\s*"(\w+)"`)
	aside   = map[string]bool{"cmd": true, "tstest": true, "prober": true, "ssh": true}
)

// The list must name all variables of the pinned tailscale.
func TestKnobsAreThoseOfTheSources(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "tailscale.com").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	found := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && filepath.Dir(path) == root && aside[entry.Name()] {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range reading.FindAllStringSubmatch(string(source), -1) {
			found++
			want := boolean
			switch {
			case strings.Contains(m[1], "Uint"):
				want = natural
			case strings.Contains(m[1], "Int"):
				want = integer
			case strings.Contains(m[1], "Duration"):
				want = duration
			}
			if kind, known := knobs[m[2]]; !known || kind != want {
				t.Errorf("%s: %s reads %s, the list has %v, %v", path, m[1], m[2], kind, known)
			}
		}
		return nil
	})
	if err != nil || found < 90 {
		t.Errorf("%d places found, %v", found, err)
	}
}
