package node

import (
	"fmt"
	"strings"
	"time"

	"dev.tailbridge/embedded/internal/frame"
	"tailscale.com/types/logger"
)

// Level is the least important log line that Java wants.
type Level int

const (
	levelError Level = iota
	levelInfo
	levelDebug
)

// ParseLevel knows error, info and debug; nothing is info.
func ParseLevel(name string) (Level, error) {
	switch name {
	case "error":
		return levelError, nil
	case "info", "":
		return levelInfo, nil
	case "debug":
		return levelDebug, nil
	}
	return 0, fmt.Errorf(`log level %q: it is one of "error", "info" and "debug"`, name)
}

// source is one of the two loggers of a tsnet server.
type source int

const (
	userLog source = iota
	backendLog
)

// What the backend says it says often: lines of one form are held to five at
// once and then one in five seconds.
const (
	burst = 5
	every = 5 * time.Second
	forms = 100
)

func (n *Node) logf(from source) logger.Logf {
	logf := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		n.log(levelOf(from, text), text)
	}
	if from == backendLog {
		limited := logger.RateLimitedFn(logf, every, burst, forms)
		return func(format string, args ...any) {
			n.hear(args)
			limited(format, args...)
		}
	}
	return logf
}

// hear passes on what may tell of an error, before any limit. Most lines tell of
// none, and are not put together for it.
func (n *Node) hear(args []any) {
	for _, arg := range args {
		switch said := arg.(type) {
		case error:
			n.state.hear(said.Error())
		case string:
			n.state.hear(said)
		}
	}
}

// levelOf follows tailscale's marks: [v1] and [v2] lines are for its
// developers, and so is most of what the backend says.
func levelOf(from source, text string) Level {
	switch {
	case strings.Contains(text, "[unexpected]"):
		return levelError
	case from == userLog && !strings.HasPrefix(text, "[v"):
		return levelInfo
	default:
		return levelDebug
	}
}

func (n *Node) log(level Level, text string) {
	if level > n.host.Level {
		return
	}
	name := "info"
	if level == levelError {
		name = "error"
	}
	n.host.Frames.Log(frame.Log{Node: n.config.Node, Level: name, Text: n.secrets.Line(text)})
}
