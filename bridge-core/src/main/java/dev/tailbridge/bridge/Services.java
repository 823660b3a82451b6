package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeSection;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TunnelServices.Dns;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.bridge.service.DnsNode;
import dev.tailbridge.bridge.service.DnsService;
import dev.tailbridge.bridge.service.HostClock;
import dev.tailbridge.bridge.service.HostNames;
import dev.tailbridge.bridge.service.NtpService;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.tailnet.NodeQuestions;
import dev.tailbridge.tailnet.NodeStatus;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Opens at the bridge's tunnel address what a device's block says. */
final class Services {

  private final StackConfig stacks;
  private final HostClock clock;

  /** Their sockets are open only while somebody asks, so nothing need be closed. */
  private final Map<EventLoop, HostNames> hostNames = new ConcurrentHashMap<>();

  /**
   * @param stacks how the TCP of the bridge's tunnel address behaves
   */
  Services(StackConfig stacks, HostClock clock) {
    this.stacks = stacks;
    this.clock = clock;
  }

  /** On the device's loop, before its packets come. */
  BridgeHost open(Device device, DeviceSection section, BridgeSection bridge) {
    List<TunnelService> services = new ArrayList<>();
    if (section.services().dns() != Dns.OFF) {
      services.add(dns(device, section, bridge.dnsServers()));
    }
    if (section.services().ntp()) {
      services.add(new NtpService(clock, System::nanoTime));
    }
    return device.serve(Devices.forwarding(section, bridge.network()), stacks, services);
  }

  private DnsService dns(Device device, DeviceSection section, List<InetSocketAddress> servers) {
    EventLoop loop = device.peer().eventLoop();
    return new DnsService(
        section.tailnet() == null ? null : new Node(device),
        section.services().dns() == Dns.ALL
            ? hostNames.computeIfAbsent(loop, its -> new HostNames(its, servers))
            : null,
        loop,
        System::nanoTime);
  }

  private record Node(Device device) implements DnsNode {
    @Override
    public String dnsName() {
      NodeStatus status = device.nodeStatus();
      return status == null ? "" : status.dnsName();
    }

    @Override
    public CompletableFuture<byte[]> query(String name, String type) {
      NodeQuestions questions = device.questions();
      return questions == null
          ? CompletableFuture.failedFuture(new IllegalStateException("there is no node"))
          : questions.queryDns(name, type);
    }
  }
}
