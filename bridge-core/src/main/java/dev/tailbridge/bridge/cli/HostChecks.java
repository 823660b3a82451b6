package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.HostAndPort;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What can be seen of this machine, with or without a running bridge. */
final class HostChecks {
  private final BridgeConfig config;

  HostChecks(BridgeConfig config) {
    this.config = config;
  }

  List<Check> run(boolean bridgeRuns) {
    List<Check> checks = new ArrayList<>();
    checks.add(endpoint());
    if (bridgeRuns) {
      checks.add(Check.fine("bridge", "it runs with this configuration"));
    } else {
      checks.add(
          Check.problem(
              "bridge",
              "none answers at "
                  + config.admin().listen()
                  + "; start it: java -jar bridge.jar --config "
                  + config.file()));
      config.bridge().listen().forEach(address -> checks.add(free(address)));
    }
    return checks;
  }

  private Check endpoint() {
    HostAndPort endpoint = config.bridge().endpoint();
    if (endpoint == null) {
      return Check.problem(
          "endpoint",
          "devices are told nothing to dial; write endpoint = \"HOST:PORT\" in [bridge]");
    }
    try {
      InetAddress[] found = InetAddress.getAllByName(endpoint.host());
      boolean four = Arrays.stream(found).anyMatch(Inet4Address.class::isInstance);
      return four
          ? Check.fine("endpoint", endpoint + " is " + found[0].getHostAddress())
          : Check.problem(
              "endpoint",
              endpoint.host()
                  + " has no IPv4 address, and many chips dial no other; give the name one");
    } catch (UnknownHostException e) {
      return Check.problem(
          "endpoint",
          endpoint.host()
              + " is not known to this machine's name server; check the name in [bridge] endpoint");
    }
  }

  /** Only while no bridge runs: otherwise it is the bridge that has the port. */
  private static Check free(InetSocketAddress address) {
    String what = "UDP port " + address.getPort();
    try (DatagramSocket socket = new DatagramSocket(address)) {
      return Check.fine(what, "free at " + socket.getLocalAddress().getHostAddress());
    } catch (IOException e) {
      return Check.problem(
          what,
          address.getAddress().getHostAddress()
              + " cannot be used ("
              + e.getMessage()
              + "); stop what uses it, or change listen in [bridge]");
    }
  }
}
