package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.device.StartTurns;
import dev.tailbridge.bridge.state.BridgeState;
import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All devices with the one WireGuard endpoint and the one Go library that they share.
 *
 * <p>Devices live on the endpoint's event loop; {@link #devices} is for that loop alone, everything
 * else for any other thread.
 */
final class Fleet {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");

  private final EventLoop loop;
  private final WireGuardEndpoint endpoint;
  private final EndpointWatcher watcher;
  private final @Nullable Tailnet tailnet;
  private final StartTurns turns;
  private final List<Device> devices = new ArrayList<>();
  private boolean allAsked;

  /**
   * @param tailnet null when no device has a tailnet: then the Go library is not loaded
   */
  Fleet(
      EventLoop loop,
      WireGuardEndpoint endpoint,
      EndpointWatcher watcher,
      @Nullable Tailnet tailnet) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.watcher = watcher;
    this.tailnet = tailnet;
    this.turns = new StartTurns(loop);
  }

  /**
   * Adds every configured device as a peer and sends its node on its way.
   *
   * @param directories where each node's own state lies, by the device's public key
   * @param known endpoints of before, so that a device is not dark until it is heard
   */
  void join(BridgeConfig config, Map<PublicKey, Path> directories, BridgeState known) {
    onLoop(
        () -> {
          for (DeviceSection section : config.devices()) {
            Device device =
                new Device(
                    section.name(),
                    endpoint.addPeer(
                        Devices.peer(section, known.endpoints().get(section.publicKey()))),
                    Devices.forwarding(section, config.bridge().network()));
            devices.add(device);
            watcher.watch(device);
            if (section.tailnet() != null && tailnet != null) {
              TailnetSection of = Objects.requireNonNull(config.tailnets().get(section.tailnet()));
              Path directory = Objects.requireNonNull(directories.get(section.publicKey()));
              device.join(tailnet, Devices.node(section, of, directory), turns);
            }
          }
          allAsked = true;
          return null;
        });
  }

  /** In the order of the file. */
  List<Device> devices() {
    return Collections.unmodifiableList(devices);
  }

  WireGuardEndpoint endpoint() {
    return endpoint;
  }

  @Nullable Tailnet tailnet() {
    return tailnet;
  }

  /** Whether every node had its turn to start. */
  boolean firstRoundDone() {
    return onLoop(() -> allAsked && turns.idle());
  }

  /** Where each device was last heard. */
  Map<PublicKey, InetSocketAddress> endpoints() {
    return onLoop(
        () -> {
          Map<PublicKey, InetSocketAddress> heard = new LinkedHashMap<>();
          for (Device device : devices) {
            InetSocketAddress at = device.peer().status().endpoint();
            if (at != null) {
              heard.put(device.peer().config().publicKey(), at);
            }
          }
          return heard;
        });
  }

  /** Closes the nodes and the library, within a bound. */
  void leave(Duration bound) {
    try {
      long deadline = System.nanoTime() + bound.toNanos();
      List<CompletableFuture<Void>> stops =
          onLoop(() -> devices.stream().map(Device::stop).toList());
      CompletableFuture<Void> all =
          CompletableFuture.allOf(stops.toArray(CompletableFuture<?>[]::new));
      if (tailnet != null) {
        CompletableFuture<Boolean> closed = tailnet.close(bound);
        if (!closed.get(left(deadline), TimeUnit.NANOSECONDS)) {
          LOG.warn("some tailnet nodes did not close in time; their state is on disk all the same");
        }
      }
      all.get(left(deadline), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | IllegalStateException e) {
      LOG.warn("tailnet nodes did not close properly: {}", e.toString());
    }
  }

  private static long left(long deadline) {
    return Math.max(1, deadline - System.nanoTime());
  }

  private <T extends @Nullable Object> T onLoop(java.util.concurrent.Callable<T> work) {
    return Loops.ask(loop, work);
  }
}
