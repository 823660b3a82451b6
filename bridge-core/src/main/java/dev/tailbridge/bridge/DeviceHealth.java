package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.HealthCheck;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.health.Dialer;
import dev.tailbridge.bridge.health.HealthTarget;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Devices as targets of {@code /health}: they are called through the tunnel, as the bridge. */
final class DeviceHealth {

  private DeviceHealth() {}

  static HealthTarget target(DeviceSection section, Device device) {
    // The one of the defaults may stand beside a device whose TCP does not end here.
    HealthCheck check = section.tcp() == DeviceSection.Tcp.ROUTED ? null : section.health();
    return new HealthTarget(
        section.name(),
        check == null ? null : dialer(device, check.port()),
        check == null ? null : check.paths(),
        () -> device.peer().status().lastHandshakeEpochMillis(),
        /* tunnelWithin= */ null);
  }

  private static Dialer dialer(Device device, int port) {
    return (handler, timeout) -> {
      CompletableFuture<Void> connected = new CompletableFuture<>();
      device.peer().eventLoop().execute(() -> call(device, port, timeout, handler, connected));
      return connected;
    };
  }

  private static void call(
      Device device,
      int port,
      Duration timeout,
      ChannelHandler handler,
      CompletableFuture<Void> connected) {
    ChannelFuture call = device.call(port, timeout, handler);
    if (call == null) {
      connected.completeExceptionally(new ConnectException("its TCP is routed"));
      return;
    }
    call.addListener(
        done -> {
          if (done.isSuccess()) {
            connected.complete(null);
          } else {
            connected.completeExceptionally(done.cause());
          }
        });
  }
}
