package line

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Args are the arguments of one command: words in order, and options key=value
// for the keys that the command's manual names in brackets.
type Args struct {
	command Command
	words   []string
	options map[string]string
}

func parseArgs(command Command, fields []string) (Args, error) {
	a := Args{command: command, options: map[string]string{}}
	for _, f := range fields {
		if key, value, ok := strings.Cut(f, "="); ok && strings.Contains(command.Args, "["+key+"=") {
			a.options[key] = value
		} else {
			a.words = append(a.words, f)
		}
	}
	if want := required(command.Args); len(a.words) < want {
		return a, a.usage()
	}
	return a, nil
}

// required counts the words before the first bracket of a manual line.
func required(manual string) int {
	words, _, _ := strings.Cut(manual, "[")
	return len(strings.Fields(words))
}

func (a Args) usage() error {
	return fmt.Errorf("usage: %s %s", a.command.Name, a.command.Args)
}

// Word is the word at index i, or "" behind the last one.
func (a Args) Word(i int) string {
	if i < len(a.words) {
		return a.words[i]
	}
	return ""
}

// Words are the words from i on.
func (a Args) Words(i int) []string { return a.words[min(i, len(a.words)):] }

// Text is the rest of the line from word i on, single-spaced.
func (a Args) Text(i int) string {
	if i < len(a.words) {
		return strings.Join(a.words[i:], " ")
	}
	return ""
}

// Option is the value of option key, or what stands for it when it is not given.
func (a Args) Option(key, otherwise string) string {
	if v, ok := a.options[key]; ok {
		return v
	}
	return otherwise
}

// Int is the word at i as a number between low and high; otherwise without such a word.
func (a Args) Int(i int, otherwise, low, high int64) (int64, error) {
	if i >= len(a.words) {
		return otherwise, nil
	}
	return number(a.words[i], low, high)
}

// OptionInt is the option key as a number between low and high.
func (a Args) OptionInt(key string, otherwise, low, high int64) (int64, error) {
	v, ok := a.options[key]
	if !ok {
		return otherwise, nil
	}
	return number(v, low, high)
}

func number(text string, low, high int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is no number from %d to %d", text, low, high)
	}
	return n, nil
}

// Seconds is the option key as a time span; its value is a decimal number of seconds.
func (a Args) Seconds(key string, otherwise time.Duration) (time.Duration, error) {
	v, ok := a.options[key]
	if !ok {
		return otherwise, nil
	}
	s, err := strconv.ParseFloat(v, 64)
	if err != nil || !(s >= 0 && s <= 3600) {
		return 0, fmt.Errorf("%s=%s: not a number of seconds from 0 to 3600", key, v)
	}
	return time.Duration(s * float64(time.Second)), nil
}
