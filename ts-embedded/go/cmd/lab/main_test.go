package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"dev.tailbridge/embedded/cmd/lab/keys"
)

// role is a part of the lab that runs in this process.
type role struct {
	t       *testing.T
	in      *io.PipeWriter
	answers *bufio.Scanner
	ended   chan int
}

func play(t *testing.T, args ...string) (*role, map[string]any) {
	t.Helper()
	inRead, in := io.Pipe()
	outRead, out := io.Pipe()
	r := &role{t, in, bufio.NewScanner(outRead), make(chan int, 1)}
	go func() {
		var errs bytes.Buffer
		code := run(args, inRead, out, &errs)
		out.CloseWithError(io.ErrUnexpectedEOF)
		if code != 0 {
			t.Errorf("%v: %s", args, errs.String())
		}
		r.ended <- code
	}()
	t.Cleanup(func() {
		in.Close()
		<-r.ended
	})
	return r, r.next()
}

func (r *role) next() map[string]any {
	r.t.Helper()
	if !r.answers.Scan() {
		r.t.Fatal(r.answers.Err())
	}
	var fields map[string]any
	if err := json.Unmarshal(r.answers.Bytes(), &fields); err != nil {
		r.t.Fatal(err)
	}
	return fields
}

func (r *role) do(line, key string, want any) {
	r.t.Helper()
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		r.t.Fatal(err)
	}
	if answer := r.next(); answer[key] != want {
		r.t.Fatalf("%s: %s is not %v in %v", line, key, want, answer)
	}
}

func TestTwoMachinesMeetOnTheControlPlane(t *testing.T) {
	control, ready := play(t, "control")
	url, key := ready["controlUrl"].(string), ready["authKey"].(string)
	alpha, _ := play(t, "client", "-control", url, "-auth-key", key, "-hostname", "alpha", "-dir", t.TempDir())
	_, beta := play(t, "client", "-control", url, "-auth-key", key, "-hostname", "beta", "-dir", t.TempDir())
	if beta["dnsName"] != "beta.bridge.test." {
		t.Errorf("beta is called %v", beta["dnsName"])
	}
	alpha.do("wait beta", "online", true)
	alpha.do("get http://beta/", "body", "Hello from the tailnet")
	alpha.do("ping beta 2", "received", 2.0)
	alpha.do("tsmp "+beta["ip4"].(string), "result", "ok")
	alpha.do("udp beta.bridge.test:7 hello", "reply", "hello")
	alpha.do("down http://beta 1000000", "ok", true)
	alpha.do("up http://beta 1000000", "ok", true)
	alpha.do("many 10 http://beta/", "ok", 10.0)
	alpha.do("tcp beta:81", "result", "refused")
	alpha.do("get http://127.0.0.1/", "error", `Get "http://127.0.0.1/": 127.0.0.1 is no address of the tailnet`)
	control.do("derp restart", "ok", true)
	control.do("control stop", "ok", true)
	alpha.do("get http://beta/", "status", 200.0)
	control.do("control start", "ok", true)
	control.do("slow-down soon", "error", `slow-down takes seconds from 1 or off, not "soon"`)
	control.do("slow-down off", "refused", 0.0)
	control.do("expire gamma", "error", `no node is called "gamma"`)
	control.do("login http://127.0.0.1/auth/none", "error", `nobody waits for a login at "http://127.0.0.1/auth/none"`)
}

// The way that a bridge would be written in Go goes from a tailnet to a device.
func TestGoWay(t *testing.T) {
	_, ready := play(t, "control")
	url, key := ready["controlUrl"].(string), ready["authKey"].(string)
	device := keys.New()
	public, err := device.Public()
	if err != nil {
		t.Fatal(err)
	}
	caller, _ := play(t, "client", "-control", url, "-auth-key", key, "-hostname", "caller", "-dir", t.TempDir())
	for _, tuned := range []bool{false, true} {
		name := fmt.Sprintf("tuned-%v", tuned)
		way, at := play(t, "goway", "-control", url, "-auth-key", key, "-dir", t.TempDir(),
			"-device", name+","+public.Base64()+",10.6.0.2", fmt.Sprintf("-tuned=%v", tuned))
		chip, _ := play(t, "device", "-private-key", device.Base64(), "-peer-key", at["publicKey"].(string),
			"-endpoint", fmt.Sprintf("127.0.0.1:%v", at["port"]))
		chip.do("connect", "connected", true)
		caller.do("wait "+name, "online", true)
		caller.do("get http://"+name+"/", "body", "Hello from ESP32! I am greenhouse")
		caller.do("down http://"+name+" 2000000", "ok", true)
		caller.do("up http://"+name+" 2000000", "ok", true)
		way.do("status", "failed", 0.0)
	}
}

func TestPartOfManyTakesItsNumber(t *testing.T) {
	_, ready := play(t, "fleet", "3", "-end-after", "1h")
	if n := len(ready["devices"].([]any)); n != 3 {
		t.Errorf("%d devices", n)
	}
}

func TestPartsEndByThemselves(t *testing.T) {
	in, out := io.Pipe() // never ends
	defer out.Close()
	var errs bytes.Buffer
	if code := run([]string{"fleet", "-end-after", "10ms"}, in, io.Discard, &errs); code != 0 {
		t.Errorf("%d: %s", code, errs.String())
	}
}

func TestWrongUseIsOneLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "which part?"},
		{[]string{"nothing"}, 2, "no part"},
		{[]string{"control", "extra"}, 2, "only options"},
		{[]string{"control", "-port", "x"}, 2, "invalid value"},
		{[]string{"client"}, 1, "is missing"},
		{[]string{"device"}, 1, "32 bytes in base64"},
		{[]string{"fleet", "0"}, 1, "not from 1 to"},
		{[]string{"fleet", "2", "3"}, 2, "only options"},
		{[]string{"wgleg", "-inside", "x"}, 1, "bare, stock or tuned"},
		{[]string{"wgload", "-clients", "0"}, 1, "not from 1 to"},
		{[]string{"flood", "-endpoint", "192.0.2.1:1"}, 1, "on loopback"},
		{[]string{"goway", "-control", "x", "-dir", "x"}, 1, "-device is missing"},
		{[]string{"derp", "-map", "/dev/null/map"}, 1, "cannot write"},
	} {
		var out, errs bytes.Buffer
		code := run(c.args, strings.NewReader(""), &out, &errs)
		text := errs.String()
		if code != c.code || !strings.Contains(text, c.says) || strings.Count(text, "\n") != 1 {
			t.Errorf("%v: code %d, %q", c.args, code, text)
		}
	}
}

func TestKeys(t *testing.T) {
	var out, errs bytes.Buffer
	// RFC 7748, section 6.1: Alice's pair.
	private := "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=\n"
	if run([]string{"pubkey"}, strings.NewReader(private), &out, &errs) != 0 || out.String() != "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n" {
		t.Errorf("%q %q", out.String(), errs.String())
	}
}

func TestManualTellsEveryCommand(t *testing.T) {
	var out bytes.Buffer
	if run([]string{"help"}, strings.NewReader(""), &out, io.Discard) != 0 {
		t.Fatal("no manual")
	}
	for _, p := range parts() {
		for _, c := range p.commands {
			if c.Help == "" || !strings.Contains(out.String(), c.Help) {
				t.Errorf("lab %s: nothing about %s", p.name, c.Name)
			}
		}
	}
}
