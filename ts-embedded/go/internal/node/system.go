package node

import (
	"context"
	"strconv"

	"tailscale.com/client/local"
	"tailscale.com/tsnet"
)

// This file is the only one that reaches into tsnet.Server.Sys, which is no
// stable interface.

// engineDone is closed when the engine of a started server closed.
func engineDone(s *tsnet.Server) <-chan struct{} {
	return s.Sys().Engine.Get().Done()
}

// closeEngine closes the engine of a server whose start failed between making
// the engine and handing it to its backend. Otherwise it does nothing.
func closeEngine(s *tsnet.Server) {
	if s.Sys() == nil {
		return
	}
	if engine, ok := s.Sys().Engine.GetOK(); ok {
		engine.Close()
	}
}

// homeDERP is the home region, or 0 while there is none. heard tells whether a
// frame came from there: until one did, what peers send by it is lost.
func homeDERP(s *tsnet.Server) (region int, heard bool) {
	report := s.Sys().MagicSock.Get().GetLastNetcheckReport(context.Background())
	if report == nil || report.PreferredDERP == 0 {
		return 0, false
	}
	region = report.PreferredDERP
	return region, !s.Sys().HealthTracker.Get().GetDERPRegionReceivedTime(region).IsZero()
}

// regionCode is the name of a region, as people know it.
func regionCode(ctx context.Context, client *local.Client, region int) string {
	if m, err := client.CurrentDERPMap(ctx); err == nil && m != nil {
		if r := m.Regions[region]; r != nil && r.RegionCode != "" {
			return r.RegionCode
		}
	}
	return strconv.Itoa(region)
}
