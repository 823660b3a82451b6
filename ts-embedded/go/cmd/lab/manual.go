package main

import (
	"flag"
	"fmt"
	"io"
)

const preface = `lab: the test bench, on loopback only

A part prints one JSON line when it is ready, then takes one command a line on
standard input and answers each with one JSON line; {"error":s} when it failed,
{"ok":true} when there is nothing to tell. It ends when the input ends, or by
SIGTERM, or after the time of -end-after (an hour for the parts that make load,
otherwise none). A line "&ID command" runs in the background and is answered with
"id":"ID" when it is done. Words in brackets may be left out; timeout is in
seconds, b = true or false, n and x = numbers, s = text. Logs go to stderr with -v.
`

func wholeManual(out io.Writer) error {
	if _, err := fmt.Fprint(out, preface); err != nil {
		return err
	}
	for _, p := range parts() {
		fmt.Fprintln(out)
		manual(out, p)
	}
	return nil
}

func manual(out io.Writer, p part) {
	fmt.Fprintf(out, "lab %s: %s\n", p.name, p.summary)
	set := flag.NewFlagSet(p.name, flag.ContinueOnError)
	p.define(set)
	set.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			usage += " [" + f.DefValue + "]"
		}
		fmt.Fprintf(out, "  -%-24s %s\n", f.Name+" "+value, usage)
	})
	for _, c := range p.commands {
		fmt.Fprintf(out, "  %s\n      %s\n", c.Name+" "+c.Args, c.Help)
	}
}
