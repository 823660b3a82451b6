package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.tailnet.control.ControlConnection;
import dev.tailbridge.tailnet.control.Json;
import dev.tailbridge.tailnet.control.RequestFailedException;
import dev.tailbridge.tailnet.control.RequestType;
import dev.tailbridge.tailnet.library.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One machine in a tailnet, as a link that carries its IP packets.
 *
 * <ul>
 *   <li>As a {@link PacketLink} it is confined to its event loop. Packets from the tailnet have
 *       passed the tailnet's access rules and bear the caller's real tailnet address; packets to it
 *       must bear the node's own address and complete checksums, or peers drop them silently.
 *   <li>{@link #status()}, {@link #stop()} and {@link #ask()} may be called on any thread.
 *   <li>It ends once: by {@link #stop()}, or by itself and then {@link NodeListener#ended} is told.
 *       Its descriptor is closed then, whichever came first.
 * </ul>
 */
public final class TailnetNode implements PacketLink {

  /** Tailscale's safe MTU. */
  private static final int MTU = 1280;

  private static final Duration START_DEADLINE = Duration.ofSeconds(30);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

  /** How long the word why a node ended may come after its end. */
  private static final Duration ENDED_GRACE = Duration.ofSeconds(1);

  private enum Phase {
    /** The answer to the start request is awaited. A stop waits for it too: Close never races. */
    STARTING,
    UP,
    /** The answer to the stop request is awaited. */
    ENDING,
    OVER
  }

  private record Snapshot(JsonObject body, @Nullable String end) {}

  private final ControlConnection control;
  private final LongFunction<CompletableFuture<Integer>> descriptors;
  private final int number;
  private final NodeConfig config;
  private final EventLoop loop;
  private final NodeListener listener;
  private final LogSink log;
  private final Runnable forget;
  private final NodeQuestions questions;
  private final LinkMeter meter = new LinkMeter();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  // Written on the loop.
  private volatile Snapshot snapshot = new Snapshot(new JsonObject(), null);

  // Confined to the loop.
  private Phase phase = Phase.STARTING;
  private boolean stopRequested;
  private @Nullable String failure; // What ended the node, if this side found it first.
  private @Nullable PacketPipe pipe;
  private @Nullable PacketReceiver receiver;

  /**
   * @param descriptors gives the packet descriptor that an answer names, to own
   * @param forget called once when the node is over
   */
  TailnetNode(
      ControlConnection control,
      LongFunction<CompletableFuture<Integer>> descriptors,
      int number,
      NodeConfig config,
      EventLoop loop,
      NodeListener listener,
      LogSink log,
      Runnable forget) {
    this.control = control;
    this.descriptors = descriptors;
    this.number = number;
    this.config = config;
    this.loop = loop;
    this.listener = listener;
    this.log = log;
    this.forget = forget;
    this.questions = new NodeQuestions(control, number, config.name());
  }

  /** What it was started with. */
  public NodeConfig config() {
    return config;
  }

  /** The node at this moment. */
  public NodeStatus status() {
    Snapshot now = snapshot;
    return StatusReader.status(now.body, meter, now.end);
  }

  /** What it has carried until now; {@link #status} has it too. */
  public LinkCounters packets() {
    return StatusReader.packets(snapshot.body, meter);
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public int mtu() {
    return MTU;
  }

  @Override
  public void write(ByteBuf packet) {
    if (pipe == null) {
      PacketPipe.drop(packet, meter.droppedDown);
    } else {
      pipe.write(packet, MTU);
    }
  }

  @Override
  public boolean isWritable() {
    return pipe == null || pipe.isWritable();
  }

  @Override
  public void flush() {
    if (pipe != null) {
      pipe.flush();
    }
  }

  @Override
  public void receiver(PacketReceiver newReceiver) {
    receiver = newReceiver;
    if (pipe != null) {
      pipe.receiver(newReceiver);
    }
  }

  /**
   * Stops the node and keeps its identity, unless it is ephemeral. Idempotent.
   *
   * @return completes when Go has closed it; fails when Go says so only after 30 s or never
   */
  public CompletableFuture<Void> stop() {
    onLoop(
        () -> {
          stopRequested = true;
          if (phase == Phase.UP) {
            end();
          }
        });
    return stopped.copy();
  }

  /** What may be asked and asked for; from any thread. */
  public NodeQuestions ask() {
    return questions;
  }

  @Override
  public String toString() {
    return "TailnetNode[" + config.name() + "]";
  }

  /** Sends the start request; once, after the node can be found by its number. */
  @SuppressWarnings("FutureReturnValueIgnored") // Both outcomes are handled in the callback.
  void start() {
    control
        .request(
            RequestType.START,
            config.name(),
            StartRequest.body(number, config),
            START_DEADLINE,
            late -> descriptor(late).thenAccept(Descriptors::close))
        .thenCompose(this::descriptor)
        .whenComplete(
            (descriptor, refusal) ->
                onLoop(
                    () -> {
                      if (refusal == null) {
                        started(descriptor);
                      } else {
                        notStarted(unwrapped(refusal));
                      }
                    }));
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private CompletableFuture<Integer> descriptor(JsonObject answer) {
    return descriptors.apply(Json.integer(answer, "fd"));
  }

  /** A status event came. */
  void onStatus(JsonObject body) {
    onLoop(
        () -> {
          if (phase != Phase.OVER) {
            snapshot = new Snapshot(body, null);
            listener.statusChanged(status());
          }
        });
  }

  /** Go says that the node is over, or the control connection is. */
  void onEnded(String reason, boolean quietly) {
    onLoop(
        () -> {
          stopRequested |= quietly;
          over(reason, null);
        });
  }

  private void started(int descriptor) {
    if (phase == Phase.OVER || loop.isShuttingDown() || !Descriptors.isNonBlocking(descriptor)) {
      Descriptors.close(descriptor);
      if (phase != Phase.OVER) {
        failure =
            loop.isShuttingDown()
                ? "its event loop is shut down"
                : "the Go library handed over a descriptor that is not a non-blocking socket";
        end();
      }
      return;
    }
    phase = Phase.UP;
    pipe = PacketPipe.adopt(loop, descriptor, meter, receiver, new PipeOwner());
    if (stopRequested) {
      end();
    }
  }

  private void notStarted(Throwable refusal) {
    if (phase == Phase.OVER) {
      return;
    }
    String reason = String.valueOf(refusal.getMessage());
    if (kind(refusal) == RequestFailedException.Cause.TIMED_OUT) {
      failure = reason; // It may start yet.
      end();
    } else {
      over(reason, null);
    }
  }

  /** Has Go close the node; the pipe stays until it has, so that nothing in Go meets a reset. */
  @SuppressWarnings("FutureReturnValueIgnored") // Both outcomes are handled in the callback.
  private void end() {
    phase = Phase.ENDING;
    control
        .request(RequestType.STOP, config.name(), questions.body(), STOP_DEADLINE, null)
        .whenComplete((answer, refusal) -> onLoop(() -> ended(refusal)));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The task cannot fail.
  private void ended(@Nullable Throwable stopFailure) {
    if (stopRequested || failure != null || loop.isShuttingDown()) {
      over("stopped", stopFailure);
    } else {
      // Go ended it, and the event that says why may still be on its way behind this answer.
      loop.schedule(
          () -> over("the Go library closed the node's packet descriptor", stopFailure),
          ENDED_GRACE.toMillis(),
          TimeUnit.MILLISECONDS);
    }
  }

  private void over(String reason, @Nullable Throwable stopFailure) {
    if (phase == Phase.OVER) {
      return;
    }
    phase = Phase.OVER;
    if (pipe != null) {
      pipe.close();
    }
    String end = failure == null ? reason : failure;
    snapshot = new Snapshot(snapshot.body, end);
    forget.run();
    if (stopFailure == null || kind(stopFailure) == RequestFailedException.Cause.DISCONNECTED) {
      stopped.complete(null);
    } else {
      stopped.completeExceptionally(stopFailure);
    }
    if (!stopRequested && !loop.isShuttingDown()) {
      listener.ended(end);
    }
  }

  private static RequestFailedException.@Nullable Cause kind(Throwable failure) {
    return failure instanceof RequestFailedException known ? known.kind() : null;
  }

  private final class PipeOwner implements PacketPipe.Owner {

    @Override
    public void lostSync() {
      failure = "the packet stream from the node lost sync: no IP packet where one must begin";
      closedByGo();
    }

    @Override
    public void closedByGo() {
      if (phase == Phase.UP) {
        end();
      }
    }

    @Override
    public void receiverFailed(RuntimeException e) {
      log.log(config.name(), LogSink.Level.ERROR, "a packet was lost, its receiver failed: " + e);
    }
  }

  /**
   * Runs on the loop; a loop that is shut down runs nothing more, so then the caller's thread
   * stands in for it, one at a time.
   */
  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      synchronized (this) {
        task.run();
      }
    }
  }
}
