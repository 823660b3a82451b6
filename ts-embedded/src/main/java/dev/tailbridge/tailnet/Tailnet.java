package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.ControlConnection;
import dev.tailbridge.tailnet.control.ControlListener;
import dev.tailbridge.tailnet.control.Json;
import dev.tailbridge.tailnet.control.RequestType;
import dev.tailbridge.tailnet.library.Engine;
import dev.tailbridge.tailnet.library.GoEngine;
import dev.tailbridge.tailnet.library.LibraryVersion;
import dev.tailbridge.tailnet.library.SidecarProcess;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tailscale, in this process or in a child of it, where nodes are started.
 *
 * <ul>
 *   <li>Embedded, there is one per process, for ever; the library is not loaded before {@link
 *       #open}. A crash of Go code ends the whole process, so what must survive is on disk before
 *       it is acted on. A crash that Go survives may end the control pair alone; see {@link #lost}.
 *   <li>In a sidecar, a crash ends the child; another one is opened in its place.
 *   <li>Thread-safe. Nothing but opening blocks.
 * </ul>
 */
public final class Tailnet {

  private static final Duration ASK_DEADLINE = Duration.ofSeconds(10);

  private final Engine engine;
  private final LogSink log;
  private final ControlConnection control;
  private final Map<Integer, TailnetNode> nodes = new ConcurrentHashMap<>();
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final CompletableFuture<String> lost = new CompletableFuture<>();
  private @Nullable CompletableFuture<Boolean> closing; // guarded by this

  private Tailnet(Engine engine, EventLoop controlLoop, LogSink log) {
    this.engine = engine;
    this.log = log;
    this.control = ControlConnection.adopt(controlLoop, engine.control(), new Events());
  }

  /**
   * Loads the library and starts its Go runtime. Blocks for some hundred milliseconds, so not for
   * an event loop.
   *
   * @param controlLoop an epoll event loop; requests, answers and log lines pass through it
   * @throws TailnetLibraryException when the library cannot be used here, or was opened before
   */
  public static Tailnet open(TailnetOptions options, EventLoop controlLoop)
      throws TailnetLibraryException {
    return over(
        GoEngine.open(options.nativeDirectory(), initJson(options)), controlLoop, options.log());
  }

  /**
   * Starts the sidecar, a process that ends with this one. Blocks for some hundred milliseconds, so
   * not for an event loop. What it prints goes to the log.
   *
   * @param controlLoop an epoll event loop; requests, answers and log lines pass through it
   * @throws TailnetLibraryException when it cannot be run here
   */
  public static Tailnet openSidecar(TailnetOptions options, EventLoop controlLoop)
      throws TailnetLibraryException {
    LogSink log = options.log();
    SidecarProcess sidecar =
        SidecarProcess.open(
            options.nativeDirectory(),
            initJson(options),
            controlLoop,
            line -> log.log("", LogSink.Level.ERROR, line));
    return over(sidecar, controlLoop, log);
  }

  /** Takes over an engine that nobody has used. */
  static Tailnet over(Engine engine, EventLoop controlLoop, LogSink log) {
    return new Tailnet(engine, controlLoop, log);
  }

  /**
   * Starts a node. Returns at once; how it fares is told to {@code listener}, a failure to start
   * included.
   *
   * @param loop an epoll event loop, the node's for life
   * @throws IllegalStateException after {@link #close}
   */
  public TailnetNode start(NodeConfig config, EventLoop loop, NodeListener listener) {
    int number = lastNumber.incrementAndGet();
    TailnetNode node =
        new TailnetNode(
            control,
            engine::descriptor,
            number,
            config,
            loop,
            listener,
            log,
            () -> nodes.remove(number));
    synchronized (this) {
      if (closing != null) {
        throw new IllegalStateException(
            "node " + config.name() + " cannot start: the tailnet is closed");
      }
      nodes.put(number, node);
    }
    node.start();
    return node;
  }

  /** What the library was built from. */
  public LibraryVersion version() {
    return engine.version();
  }

  /** The sidecar's process; empty when the nodes are in this one. */
  public OptionalLong childPid() {
    return engine.childPid();
  }

  /** What the library uses at the moment. */
  public CompletableFuture<RuntimeStats> runtimeStats() {
    return control.ask(
        RequestType.RUNTIME,
        "the library",
        new JsonObject(),
        ASK_DEADLINE,
        answer ->
            new RuntimeStats(
                (int) Json.integer(answer, "goroutines"),
                Json.integer(answer, "heapBytes"),
                (int) Json.integer(answer, "nodes"),
                (int) Json.integer(answer, "fds")));
  }

  /**
   * Completes, with the reason, when the control pair is gone although nobody closed it, before the
   * nodes' listeners are told of it. No node can be started any more. As a process has one library
   * for ever, only another process helps; for a sidecar, another sidecar.
   */
  public CompletableFuture<String> lost() {
    return lost.copy();
  }

  /**
   * Stops all nodes, then lets go of the control pair. Listeners hear nothing of it. Idempotent:
   * the first call's deadline counts.
   *
   * @return whether all nodes were closed before the deadline
   */
  public synchronized CompletableFuture<Boolean> close(Duration deadline) {
    if (closing == null) {
      closing =
          engine
              .shutdown(deadline)
              .handle(
                  (all, failure) -> {
                    control.close("the tailnet was closed");
                    return failure == null && all;
                  });
    }
    return closing.copy();
  }

  private static String initJson(TailnetOptions options) {
    JsonObject json = new JsonObject();
    json.addProperty("logLevel", options.logLevel());
    json.addProperty("netns", options.netns());
    JsonObject knobs = new JsonObject();
    options.testKnobs().forEach(knobs::addProperty);
    json.add("testKnobs", knobs);
    json.addProperty("gogc", options.gogc());
    json.addProperty("memoryLimitBytes", options.memoryLimitBytes());
    json.addProperty(
        "crashFile",
        options.crashFile() == null ? "" : options.crashFile().toAbsolutePath().toString());
    return json.toString();
  }

  private synchronized boolean isClosing() {
    return closing != null;
  }

  /** Hands events on to the nodes' own loops. Called on the control loop. */
  private final class Events implements ControlListener {

    @Override
    public void status(int number, JsonObject body) {
      TailnetNode node = nodes.get(number);
      if (node != null) {
        node.onStatus(body);
      }
    }

    @Override
    public void log(int number, boolean error, String text) {
      TailnetNode node = nodes.get(number);
      String name = number == 0 ? "" : node == null ? "#" + number : node.config().name();
      log.log(name, error ? LogSink.Level.ERROR : LogSink.Level.INFO, text);
    }

    @Override
    public void ended(int number, String error) {
      TailnetNode node = nodes.get(number);
      if (node != null) {
        node.onEnded(error, isClosing());
      }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Never fails.
    public void closed(String reason) {
      engine.ended(reason).thenAccept(this::ended);
    }

    private void ended(String reason) {
      if (!isClosing()) {
        lost.complete(reason);
      }
      for (TailnetNode node : nodes.values()) {
        node.onEnded(reason, isClosing());
      }
    }
  }
}
