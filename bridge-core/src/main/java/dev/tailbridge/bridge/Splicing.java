package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.splice.SpliceSettings;
import dev.tailbridge.netstack.MemoryBudget;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.tcp.TcpConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How TCP is spliced: what the devices' blocks say, and what all of them have in common. */
final class Splicing {

  /** A chip that has restarted or is off must not look alive to its callers for long. */
  private static final Duration DEVICE_PROBE = Duration.ofSeconds(30);

  /**
   * A chip uses a few kilobytes of it, since buffers grow with use; larger machines behind the same
   * WireGuard would wait for a window of 64 KiB.
   */
  private static final int DEVICE_BUFFER = 1 << 20;

  /** Callers that vanished must give the few connections of a chip back some time. */
  private static final Duration CALLER_PROBE = Duration.ofMinutes(15);

  /** TIME-WAIT of lwIP, which lets nobody in with the same addresses and ports. */
  private static final Duration QUIET_TIME = Duration.ofMinutes(2);

  /** Callers without an answer yet: each holds a few hundred bytes, and one call of the device. */
  private static final int MAX_PENDING = 1024;

  /** One caller alone must not keep the others out. */
  private static final int MAX_PENDING_OF_ONE = 512;

  /** What the buffers of one device may take on either side. */
  private static final long MEMORY_OF_ONE = 16 << 20;

  /** Many machines may be behind a server. */
  private static final long MEMORY_OF_UPLINK = 64 << 20;

  /** What those of all devices may take: a quarter of the heap. */
  private final MemoryBudget memory = new MemoryBudget(Runtime.getRuntime().maxMemory() / 4);

  private final StackConfig deviceStacks =
      StackConfig.builder(
              TcpConfig.device(ForwardSettings.DEVICE_MTU, /* ipv6= */ false).toBuilder()
                  .keepAlive(DEVICE_PROBE.toNanos())
                  .buffers(DEVICE_BUFFER, DEVICE_BUFFER)
                  .build(),
              TcpConfig.device(ForwardSettings.DEVICE_MTU, /* ipv6= */ true))
          .quietTime(QUIET_TIME)
          .memory(MEMORY_OF_ONE, memory)
          .maxPending(MAX_PENDING, MAX_PENDING)
          .build();

  private final StackConfig tailnetStacks =
      StackConfig.builder(
              machines(ForwardSettings.TAILNET_MTU, /* ipv6= */ false),
              machines(ForwardSettings.TAILNET_MTU, /* ipv6= */ true))
          .maxPending(MAX_PENDING, MAX_PENDING_OF_ONE)
          .memory(MEMORY_OF_ONE, memory)
          .build();

  /** How TCP behaves in the network of a server that the bridge dials. */
  StackConfig uplink(int mtu) {
    return StackConfig.builder(machines(mtu, /* ipv6= */ false), machines(mtu, /* ipv6= */ true))
        .maxPending(MAX_PENDING, MAX_PENDING)
        .memory(MEMORY_OF_UPLINK, memory)
        .build();
  }

  private static TcpConfig machines(int mtu, boolean ipv6) {
    return TcpConfig.wan(mtu, ipv6).toBuilder()
        .nagle(false)
        .quickAcks(0)
        .keepAlive(CALLER_PROBE.toNanos())
        .build();
  }

  /** How TCP with a device behaves, whether it is spliced or ends at the bridge itself. */
  StackConfig deviceStacks() {
    return deviceStacks;
  }

  /** Null for a device whose TCP is routed. */
  @Nullable SpliceSettings of(DeviceSection device, TunnelNetwork network) {
    if (device.tcp() == DeviceSection.Tcp.ROUTED) {
      return null;
    }
    return new SpliceSettings(
        device.address(),
        network.bridgeAddress(),
        device.source() == DeviceSection.Source.CLIENT,
        device.maxConnections(),
        Devices.ports(device).tcp(),
        device.hold(),
        ForwardSettings.DEVICE_MTU,
        ForwardSettings.TAILNET_MTU,
        deviceStacks,
        tailnetStacks);
  }
}
