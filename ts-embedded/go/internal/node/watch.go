package node

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"tailscale.com/ipn"
)

const (
	// Neither the first frame from the home DERP nor the counters come by the
	// bus, so both are looked at.
	pollUnsettled = 100 * time.Millisecond
	pollSettled   = 5 * time.Second

	resubscribe = time.Second
)

// watch reports the status of the started node until it is to end.
func (n *Node) watch() {
	changed := make(chan struct{}, 1)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		n.follow(changed)
	}()
	defer func() { <-followed }()
	gone := engineDone(n.server)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-gone:
			n.end(errEngineClosed)
			return
		case <-changed:
		case <-timer.C:
		}
		n.report()
		if n.state.unsettled() {
			timer.Reset(pollUnsettled)
		} else {
			timer.Reset(pollSettled)
		}
	}
}

// report sends the status if there is something new in it.
func (n *Node) report() {
	defer n.logPanic()
	region, heard := homeDERP(n.server)
	n.state.applyDERP(region, heard, func(region int) string {
		ctx, cancel := context.WithTimeout(n.ctx, askTimeout)
		defer cancel()
		return regionCode(ctx, n.client, region)
	})
	if status, news := n.Status(); news {
		n.state.isSent(status)
		n.host.Frames.Status(n.config.Node, status)
	}
}

// Status is what the node would report now.
func (n *Node) Status() (now Status, news bool) {
	return n.state.snapshot(n.device.Counters(), n.secrets.Line)
}

// follow reads the bus of the backend, again and again should it be cut off,
// until the node is to end.
func (n *Node) follow(changed chan<- struct{}) {
	for n.ctx.Err() == nil {
		if err := n.followOnce(changed); err != nil && n.ctx.Err() == nil {
			n.log(levelError, fmt.Sprintf("the event bus of the node failed, it will be read again: %v", err))
		}
		select {
		case <-n.ctx.Done():
		case <-time.After(resubscribe):
		}
	}
}

func (n *Node) followOnce(changed chan<- struct{}) (err error) {
	defer n.recovered(&err)
	const mask = ipn.NotifyInitialState | ipn.NotifyInitialStatus | ipn.NotifyInitialHealthState | ipn.NotifyPeerPatches
	watcher, err := n.client.WatchIPNBus(n.ctx, mask)
	if err != nil {
		return err
	}
	defer watcher.Close()
	for {
		message, err := watcher.Next()
		if err != nil {
			return err
		}
		// A busy control server lets the bus send many messages that say nothing.
		if !n.state.apply(&message) {
			continue
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}
}

func (n *Node) logPanic() {
	if r := recover(); r != nil {
		n.log(levelError, fmt.Sprintf("panic: %v at %s", r, debug.Stack()))
	}
}
