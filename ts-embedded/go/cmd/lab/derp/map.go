package derp

import (
	"fmt"
	"os"

	"tailscale.com/tailcfg"
)

const region = 900

// Map is the relay map of a control plane that has only this relay.
func (r *Relay) Map() *tailcfg.DERPMap {
	return &tailcfg.DERPMap{Regions: map[int]*tailcfg.DERPRegion{region: {
		RegionID:   region,
		RegionCode: "lab",
		RegionName: "lab",
		Nodes: []*tailcfg.DERPNode{{
			Name:             "900a",
			RegionID:         region,
			HostName:         loopback,
			IPv4:             loopback,
			IPv6:             "none",
			DERPPort:         r.port,
			STUNPort:         r.stunPort,
			STUNTestIP:       loopback,
			InsecureForTests: true,
		}},
	}}}
}

// WriteMap writes the same map to file as Headscale's derp.paths read it.
func (r *Relay) WriteMap(file string) error {
	text := fmt.Sprintf(`regions:
  %[1]d:
    regionid: %[1]d
    regioncode: lab
    regionname: lab
    nodes:
      - name: %[1]da
        regionid: %[1]d
        hostname: %[2]s
        ipv4: %[2]s
        ipv6: none
        derpport: %[3]d
        stunport: %[4]d
        stuntestip: %[2]s
        insecurefortests: true
`, region, loopback, r.port, r.stunPort)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("cannot write the DERP map: %w", err)
	}
	return nil
}
