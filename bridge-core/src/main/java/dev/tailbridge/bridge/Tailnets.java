package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.ProcessView;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TailnetSection.Mode;
import dev.tailbridge.bridge.device.NodeHost;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.tailnet.TailnetOptions;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the devices' nodes run in: the Go library, a sidecar, both, or none of them, since neither
 * is started before a device needs it. Thread-safe.
 */
final class Tailnets {

  private final StateDirectory directory;
  private final EventLoop controlLoop;
  private final CompletableFuture<String> lost = new CompletableFuture<>();
  private volatile @Nullable Tailnet embedded;
  private volatile @Nullable Sidecar sidecar;

  /**
   * @param directory where native code is unpacked and crashes are written
   * @param controlLoop which all that is asked and told of nodes passes through
   */
  Tailnets(StateDirectory directory, EventLoop controlLoop) {
    this.directory = directory;
    this.controlLoop = controlLoop;
  }

  /** Starts what the devices of a configuration need and is not there yet. Blocks. */
  synchronized void open(BridgeConfig config) throws IOException, TailnetLibraryException {
    Set<Mode> needed = EnumSet.noneOf(Mode.class);
    for (DeviceSection device : config.devices()) {
      if (device.tailnet() != null) {
        needed.add(modeOf(device, config));
      }
    }
    // What Go may use of the memory is for all nodes together.
    TailnetOptions options = options(config, Math.max(1, needed.size()));
    if (needed.contains(Mode.EMBEDDED) && embedded == null) {
      Tailnet opened = Tailnet.open(options, controlLoop);
      embedded = opened;
      var unused = opened.lost().thenAccept(lost::complete);
    }
    if (needed.contains(Mode.SIDECAR) && sidecar == null) {
      sidecar = new Sidecar(() -> Tailnet.openSidecar(options, controlLoop));
    }
  }

  private TailnetOptions options(BridgeConfig config, int shares) throws IOException {
    return TailnetOptions.of(directory.nativeDirectory(), new GoLog())
        .withLogLevel(config.bridge().logLevel() == BridgeSection.LogLevel.DEBUG ? "info" : "error")
        .withMemoryLimit(GoMemory.limitBytes() / shares)
        .withCrashFile(directory.path().resolve("go-crash.log"));
  }

  private static Mode modeOf(DeviceSection device, BridgeConfig config) {
    return Objects.requireNonNull(config.tailnets().get(device.tailnet())).mode();
  }

  /** Where the node of a device runs, which has a tailnet; null when it was not opened. */
  @Nullable NodeHost hostOf(DeviceSection device, BridgeConfig config) {
    if (modeOf(device, config) == Mode.SIDECAR) {
      return sidecar;
    }
    Tailnet opened = embedded;
    return opened == null ? null : opened::start;
  }

  /**
   * Completes, with the reason, when the embedded library is gone although nobody closed it; a
   * sidecar comes back by itself.
   */
  CompletableFuture<String> lost() {
    return lost.copy();
  }

  /** The versions of the Go code; null while none is there. */
  @Nullable String version() {
    Tailnet any = any();
    return any == null ? null : any.version().toString();
  }

  private @Nullable Tailnet any() {
    Sidecar child = sidecar;
    Tailnet opened = embedded;
    return opened != null || child == null ? opened : child.current();
  }

  /** What the bridge's processes use; waits for the Go code, but not for long. */
  ProcessView process() {
    return ProcessUsage.view(embedded, sidecar);
  }

  /** Ends what runs, without nodes, or after {@link #close}. */
  void abandon() {
    var unused = close(Duration.ZERO);
  }

  /**
   * Closes all nodes.
   *
   * @return whether that was done before the deadline
   */
  CompletableFuture<Boolean> close(Duration deadline) {
    Tailnet opened = embedded;
    Sidecar child = sidecar;
    CompletableFuture<Boolean> done = CompletableFuture.completedFuture(true);
    return (opened == null ? done : opened.close(deadline))
        .thenCombine(child == null ? done : child.close(deadline), Boolean::logicalAnd);
  }
}
