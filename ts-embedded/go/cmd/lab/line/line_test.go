package line

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func serve(t *testing.T, input string, commands ...Command) string {
	t.Helper()
	var out bytes.Buffer
	if err := Serve(context.Background(), strings.NewReader(input), &out, map[string]string{"ready": "test"}, commands); err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(out.String(), `{"ready":"test"}`+"\n")
	if !ok {
		t.Fatalf("no ready line in %q", out.String())
	}
	return rest
}

var say = On("say", "TEXT... [loud=no] [timeout=2]", "", func(_ context.Context, args Args) (any, error) {
	return map[string]string{"said": args.Text(0), "loud": args.Option("loud", "no")}, nil
})

func TestAnswers(t *testing.T) {
	fail := On("fail", "", "", func(context.Context, Args) (any, error) { return nil, errors.New("two\nlines") })
	blow := On("blow", "", "", func(context.Context, Args) (any, error) { panic("up") })
	count := On("count", "N", "", func(_ context.Context, args Args) (any, error) {
		n, err := args.Int(0, 0, 1, 9)
		return map[string]int64{"n": n}, err
	})
	for _, c := range []struct{ in, out string }{
		{"say  hello  there", `{"loud":"no","said":"hello there"}`},
		{"say x=1 loud=yes", `{"loud":"yes","said":"x=1"}`},
		{"say", `{"error":"usage: say TEXT... [loud=no] [timeout=2]"}`},
		{"shout", `{"error":"unknown command \"shout\"; lab help lists them"}`},
		{"fail", `{"error":"two lines"}`},
		{"blow", `{"error":"blow failed inside the lab: up"}`},
		{"count 3", `{"n":3}`},
		{"count 10", `{"error":"\"10\" is no number from 1 to 9"}`},
		{"&", `{"error":"no command on the line"}`},
		{"", ""},
	} {
		want := c.out
		if want != "" {
			want += "\n"
		}
		got := serve(t, c.in+"\n", say, fail, blow, count)
		if strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%q: %s instead of %s", c.in, got, want)
		}
	}
}

func TestBackgroundCommandIsAnsweredWithItsID(t *testing.T) {
	in, commands := io.Pipe()
	answers, out := io.Pipe()
	release := make(chan struct{})
	wait := On("wait", "", "", func(context.Context, Args) (any, error) { <-release; return Done, nil })
	go Serve(context.Background(), in, out, Done, []Command{wait, say})
	next := bufferedLines(answers)
	next()
	io.WriteString(commands, "&7 wait\nsay hi\n")
	if got := next(); got != `{"loud":"no","said":"hi"}` {
		t.Errorf("the line in front answers first: %s", got)
	}
	close(release)
	if got := next(); got != `{"id":"7","ok":true}` {
		t.Errorf("answer of the background: %s", got)
	}
	commands.Close()
}

func bufferedLines(r io.Reader) func() string {
	var left []byte
	return func() string {
		for {
			if head, tail, ok := bytes.Cut(left, []byte("\n")); ok {
				left = tail
				return string(head)
			}
			buf := make([]byte, 4096)
			n, err := r.Read(buf)
			if err != nil {
				return err.Error()
			}
			left = append(left, buf[:n]...)
		}
	}
}
