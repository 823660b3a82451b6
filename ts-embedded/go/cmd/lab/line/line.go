// Package line is the protocol between the lab and whoever drives it: one JSON
// line when ready, then one command a line in and one JSON line out.
//
// A command line is a name and arguments separated by spaces; an argument
// key=value is an option. Commands run one after another. A line that begins
// with "&ID " runs in the background instead, so that, say, a socket can be
// changed while a transfer runs; its answer carries "id":"ID" and comes when it
// is there.
package line

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// maxLine bounds a command line, in bytes.
const maxLine = 256 << 10

// Command is one word of the protocol. Args and Help are its manual.
type Command struct {
	Name, Args, Help string
	// Run answers with something that encodes to a JSON object. It ends when ctx does.
	Run func(ctx context.Context, args Args) (any, error)
}

// On is the command of that name.
func On(name, args, help string, run func(context.Context, Args) (any, error)) Command {
	return Command{Name: name, Args: args, Help: help, Run: run}
}

// Serve writes ready, then serves commands from in until in ends or ctx is done.
// It returns when every command has been answered or ctx is done.
func Serve(ctx context.Context, in io.Reader, out io.Writer, ready any, commands []Command) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &session{out: out, commands: make(map[string]Command)}
	for _, c := range commands {
		s.commands[c.Name] = c
	}
	if err := s.write("", ready, nil); err != nil {
		return err
	}

	lines := make(chan string)
	failed := make(chan error, 1)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
		failed <- scanner.Err()
	}()

	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil
		case text, ok := <-lines:
			if !ok {
				return <-failed
			}
			text = strings.TrimSpace(text)
			switch id, rest, inBackground := cutID(text); {
			case text == "":
			case inBackground:
				background.Go(func() { s.answer(ctx, id, rest) })
			default:
				if err := s.answer(ctx, "", text); err != nil {
					return err
				}
			}
		}
	}
}

func cutID(text string) (id, rest string, ok bool) {
	after, ok := strings.CutPrefix(text, "&")
	if !ok {
		return "", text, false
	}
	id, rest, _ = strings.Cut(after, " ")
	return id, rest, true
}

type session struct {
	commands map[string]Command
	mu       sync.Mutex
	out      io.Writer
}

func (s *session) answer(ctx context.Context, id, text string) error {
	result, err := s.run(ctx, text)
	return s.write(id, result, err)
}

func (s *session) run(ctx context.Context, text string) (result any, err error) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return nil, errors.New("no command on the line")
	}
	command, ok := s.commands[fields[0]]
	if !ok {
		return nil, fmt.Errorf("unknown command %q; lab help lists them", fields[0])
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s failed inside the lab: %v", command.Name, r)
		}
	}()
	args, err := parseArgs(command, fields[1:])
	if err != nil {
		return nil, err
	}
	return command.Run(ctx, args)
}

func (s *session) write(id string, result any, err error) error {
	fields := map[string]json.RawMessage{}
	if err == nil && result != nil {
		if err = remarshal(result, &fields); err != nil {
			fields = map[string]json.RawMessage{}
		}
	}
	if err != nil {
		fields["error"], _ = json.Marshal(strings.Join(strings.Fields(err.Error()), " "))
	}
	if id != "" {
		fields["id"], _ = json.Marshal(id)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.out.Write(append(text, '\n'))
	return err
}

func remarshal(from any, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// Done answers a command that has nothing to tell.
var Done = struct {
	OK bool `json:"ok"`
}{true}
