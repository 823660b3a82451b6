package engine

import (
	"strings"
	"testing"
)

func TestRoomForOneMoreNode(t *testing.T) {
	for name, c := range map[string]struct {
		limit       uint64
		nodes, open int
		fits        bool
	}{
		"the first":                          {1024, 0, 30, true},
		"the last that fits by plan":         {1024, 88, 700, true},
		"one more than the plan has":         {1024, 89, 700, false},
		"others have taken what was planned": {1024, 60, 915, false},
		"others have left enough":            {1024, 60, 914, true},
		"no room for any":                    {100, 0, 30, false},
		"a thousand":                         {65536, 1000, 7000, true},
		"no limit":                           {1<<64 - 1, 1000, 7000, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := room{others: 30}.refusalOf(c.limit, c.nodes, func() int { return c.open })
			if (err == nil) != c.fits {
				t.Fatalf("%v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "waits for file descriptors") {
				t.Error(err)
			}
		})
	}
}

func TestRoomIsNotCountedWhereThereIsPlenty(t *testing.T) {
	err := room{others: 30}.refusalOf(65536, 1000, func() int {
		t.Error("counted")
		return 0
	})
	if err != nil {
		t.Error(err)
	}
}

func TestThisProcessHasRoom(t *testing.T) {
	if err := newRoom().refusal(1); err != nil {
		t.Error(err)
	}
	if openFDs() < 3 {
		t.Errorf("%d open", openFDs())
	}
}
