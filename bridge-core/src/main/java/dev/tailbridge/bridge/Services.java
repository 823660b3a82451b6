package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.bridge.service.HostClock;
import dev.tailbridge.bridge.service.NtpService;
import dev.tailbridge.netstack.StackConfig;
import java.util.ArrayList;
import java.util.List;

/** Opens at the bridge's tunnel address what a device's block says. */
final class Services {

  /** What connections to the bridge itself may take of one device's memory. */
  private static final long MEMORY_OF_ONE = 256 << 10;

  private static final int MAX_PENDING = 16;

  private final StackConfig stacks =
      StackConfig.device(ForwardSettings.DEVICE_MTU).toBuilder()
          .memory(MEMORY_OF_ONE, null)
          .maxPending(MAX_PENDING, MAX_PENDING)
          .build();

  private final HostClock clock;

  Services(HostClock clock) {
    this.clock = clock;
  }

  /** On the device's loop, before its packets come. */
  void open(Device device, DeviceSection section, TunnelNetwork network) {
    List<TunnelService> services = new ArrayList<>();
    if (section.services().ntp()) {
      services.add(new NtpService(clock, System::nanoTime));
    }
    if (!services.isEmpty()) {
      device.serve(Devices.forwarding(section, network), stacks, services);
    }
  }
}
