package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.Credential;
import dev.tailbridge.tailnet.LinkCounters;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeListener;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.tailnet.TailnetNode;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A device's place in its tailnet: the node, whichever it is at the moment, and what is known of
 * it.
 *
 * <p>Confined to the device's event loop.
 */
final class DeviceNode implements NodeKeeper.Owner {

  private static final long KEY_LOOK_HOURS = 1;

  private final NodeHost host;
  private final NodeConfig config;
  private final EventLoop loop;
  private final DeviceLog log;
  private final Consumer<TailnetNode> whenStarted;
  private final BiConsumer<@Nullable NodeStatus, @Nullable NodeStatus> whenChanged;
  private final NodeKeeper keeper;
  private final @Nullable Presence presence;
  private final KeyExpiry keyExpiry;
  private final ScheduledFuture<?> keyLook;
  private final TailnetPath path;
  private @Nullable TailnetNode node;
  private @Nullable NodeStatus status;
  private String failure = "";
  private String nodeId = "";
  private String machine = "";
  private boolean held;
  private boolean left;
  private boolean loggedOut;

  /**
   * @param presence decides when the node is online; null when it always is
   * @param whenStarted takes on the packets of a node that begins
   * @param whenChanged is told the node's last word and the new one; null when there is no node
   */
  DeviceNode(
      NodeHost host,
      NodeConfig config,
      @Nullable Presence presence,
      EventLoop loop,
      StartTurns turns,
      DeviceLog log,
      Consumer<TailnetNode> whenStarted,
      BiConsumer<@Nullable NodeStatus, @Nullable NodeStatus> whenChanged) {
    this.host = host;
    this.config = config;
    this.loop = loop;
    this.log = log;
    this.whenStarted = whenStarted;
    this.whenChanged = whenChanged;
    this.presence = presence;
    this.path = new TailnetPath(loop, System.nanoTime());
    boolean credential = !(config.credential() instanceof Credential.None);
    this.keeper = new NodeKeeper(loop, turns, credential && !config.ephemeral(), this);
    this.keyExpiry = new KeyExpiry(log, InstantSource.system(), credential);
    this.keyLook =
        loop.scheduleAtFixedRate(keyExpiry::look, KEY_LOOK_HOURS, KEY_LOOK_HOURS, TimeUnit.HOURS);
  }

  /** Joins the tailnet, when its turn comes. */
  void start() {
    keeper.start();
  }

  /** The node that takes packets; null while there is none. */
  @Nullable TailnetNode node() {
    return node;
  }

  /** The node's last word; null before it was started. */
  @Nullable NodeStatus status() {
    return status;
  }

  /** What the node has carried until now; null while there is none. */
  @Nullable LinkCounters packets() {
    return node == null ? null : node.packets();
  }

  /** By which way it reaches others. */
  TailnetPath.Way way() {
    return path.way();
  }

  /** Why the node is not up; empty when it is, or nobody knows. */
  String failure() {
    return failure;
  }

  /** What somebody should know of the node's key; null for nothing. */
  @Nullable Finding keyFinding() {
    return keyExpiry.finding();
  }

  /** Something authentic came from the device. */
  void deviceHeard(long nowNanos) {
    if (presence != null) {
      presence.heard(nowNanos);
      follow(nowNanos);
    }
  }

  /** Once a second. */
  void everySecond(long nowNanos) {
    TailnetNode current = node;
    if (current != null) {
      path.look(current::packets, current.ask()::peers, nowNanos);
    }
  }

  /** Whether anything here depends on when the device was heard. */
  boolean followsDevice() {
    return presence != null;
  }

  /** Sends the node offline or online, if the time has come. */
  @SuppressWarnings("FutureReturnValueIgnored") // Both outcomes are handled in the callback.
  void follow(long nowNanos) {
    TailnetNode current = node;
    if (presence == null || current == null || !canFollow()) {
      return;
    }
    Boolean online = presence.order(nowNanos);
    if (online != null) {
      current
          .ask()
          .setWantRunning(online)
          .whenComplete((done, refusal) -> loop.execute(() -> ordered(current, refusal)));
    }
  }

  /** A node that has no login yet, or none any more, is busy with that. */
  private boolean canFollow() {
    return status != null
        && switch (status.state()) {
          case RUNNING, STARTING, STOPPED -> true;
          case NO_STATE, NEEDS_LOGIN, NEEDS_MACHINE_AUTH -> false;
        };
  }

  private void ordered(TailnetNode to, @Nullable Throwable refusal) {
    if (presence != null && refusal != null && node == to) {
      presence.notDone();
      log.limited(
          "presence",
          () -> "its node could not follow it, and is told again: " + refusal.getMessage());
    }
  }

  /** Whether {@link #leave} has taken it out of the tailnet. */
  boolean hasLeft() {
    return left;
  }

  /**
   * Logs the node out and ends it. Whether or not the control server could be told, the node itself
   * forgets its login; one that does not run is ended only.
   */
  CompletableFuture<Farewell> leave() {
    TailnetNode current = node;
    keeper.retire();
    left = true;
    if (current == null) {
      return over("it does not run");
    }
    return current
        .ask()
        .logout()
        .handle((done, refusal) -> refusal == null ? "" : String.valueOf(refusal.getMessage()))
        .thenComposeAsync(this::over, loop);
  }

  private CompletableFuture<Farewell> over(String problem) {
    whenChanged.accept(status, null);
    status = null;
    failure = "";
    loggedOut |= problem.isEmpty();
    Farewell farewell = new Farewell(nodeId, machine, loggedOut, problem);
    return stop().handle((done, late) -> farewell);
  }

  /** Leaves for good; the identity stays on disk. */
  CompletableFuture<Void> stop() {
    keyLook.cancel(false);
    node = null;
    return keeper.stop();
  }

  @Override
  public NodeKeeper.Life startNode(NodeListener listener, boolean login) {
    TailnetNode started = host.start(config.withLogin(login), loop, listener);
    node = started;
    path.reset();
    whenStarted.accept(started);
    if (presence != null) {
      presence.nodeStarted(System.nanoTime());
    }
    return started::stop;
  }

  @Override
  public void nodeChanged(NodeStatus now) {
    log.nodeChanged(status, now);
    keyExpiry.nodeChanged(now);
    if (!held || knowsItsAddress(now)) {
      held = false;
      whenChanged.accept(status, now);
    }
    status = now;
    failure = now.error();
    if (!now.nodeId().isEmpty()) {
      nodeId = now.nodeId();
      machine = now.dnsName();
    }
  }

  /** Whether it is to have an address, and has it; or has none any more. */
  private static boolean knowsItsAddress(NodeStatus status) {
    return !status.addresses().isEmpty()
        || (status.state() != NodeState.NO_STATE && status.state() != NodeState.STARTING);
  }

  @Override
  public CompletableFuture<Void> hostReady() {
    return host.ready();
  }

  /**
   * Its addresses hold until the next node tells its own, which will be the same: then connections
   * go on, and all that they lost are some packets.
   */
  @Override
  public void hostEnded(String reason) {
    node = null;
    status = null;
    held = true;
    failure = reason + "; its node is back with it";
  }

  @Override
  public void nodeEnded(String reason, long nextTryMillis) {
    node = null;
    path.reset();
    whenChanged.accept(status, null);
    status = null;
    failure = reason;
    log.nodeEnded(reason, nextTryMillis);
  }
}
