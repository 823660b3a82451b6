package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.bridge.forward.DeviceForwarder;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.splice.SpliceSettings;
import dev.tailbridge.bridge.forward.splice.SpliceStats;
import dev.tailbridge.bridge.forward.splice.Splices;
import dev.tailbridge.bridge.forward.splice.StackLink;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeQuestions;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.tailnet.TailnetNode;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One chip: everything that is known of it, and the way of its packets.
 *
 * <ul>
 *   <li>Its peer, its node and the translation between them live on one event loop, the peer's; all
 *       methods are called there. Nothing here is locked.
 *   <li>Packets move in batches: what one read brought is translated, then each side is flushed
 *       once.
 *   <li>It works without a node (a plain peer, or a node that is not up yet): then only the
 *       bridge's own tunnel address answers.
 * </ul>
 */
public final class Device {

  private static final long EXPIRY_SECONDS = 1;

  private final String name;
  private final WireGuardPeer peer;
  private final DeviceLog log;
  private final PeerReport report;
  private final ForwardDrops drops;
  private final DeviceForwarder forwarder;
  private final @Nullable Splices splices;
  private final @Nullable CallerPolicy callers;
  private final ScheduledFuture<?> expiry;
  private @Nullable NodeKeeper keeper;
  private @Nullable NodeStatus nodeStatus;
  private String nodeFailure = "";

  /**
   * Takes over the peer's packets.
   *
   * @param splicing null when TCP is translated too
   * @param allow the logins and tags that may call; null for everybody
   */
  public Device(
      String name,
      WireGuardPeer peer,
      ForwardSettings settings,
      @Nullable SpliceSettings splicing,
      @Nullable List<String> allow) {
    this.name = name;
    this.peer = peer;
    this.log = new DeviceLog(name);
    this.report = new PeerReport(log, InstantSource.system());
    this.drops = new ForwardDrops(log);
    this.forwarder = new DeviceForwarder(settings, peer::write, this::toNode, drops);
    this.splices = splicing == null ? null : splices(splicing);
    this.callers = allow == null ? null : callers(allow);
    peer.receiver(new Inflow(forwarder::fromDevice));
    this.expiry =
        peer.eventLoop()
            .scheduleAtFixedRate(
                () -> {
                  forwarder.expire(System.nanoTime());
                  flush();
                },
                EXPIRY_SECONDS,
                EXPIRY_SECONDS,
                TimeUnit.SECONDS);
  }

  private Splices splices(SpliceSettings settings) {
    Splices made =
        new Splices(
            settings,
            new StackLink(
                peer.eventLoop(),
                settings.deviceMtu(),
                forwarder::sendToDevice,
                peer::flush,
                peer::isWritable),
            new StackLink(
                peer.eventLoop(),
                settings.tailnetMtu(),
                forwarder::sendToNode,
                this::flushNode,
                this::nodeIsWritable),
            drops,
            System::nanoTime);
    forwarder.divertTcp(made);
    return made;
  }

  private CallerPolicy callers(List<String> allow) {
    CallerPolicy policy =
        new CallerPolicy(
            allow,
            new CallerWhois(
                peer.eventLoop(), () -> keeper == null ? null : keeper.node(), this::passOn),
            log::denied);
    forwarder.judgeCallers(policy);
    if (splices != null) {
      splices.judgeCallers(policy);
    }
    return policy;
  }

  /** Sends off what packets or verdicts brought about. */
  private void passOn() {
    if (splices == null) {
      flush();
    } else {
      splices.batchComplete();
    }
  }

  /** Joins a tailnet, when its turn comes. */
  public void join(Tailnet tailnet, NodeConfig config, StartTurns turns) {
    NodeKeeper joined = new NodeKeeper(tailnet, config, peer.eventLoop(), turns, new NodeWatcher());
    keeper = joined;
    joined.start();
  }

  public String name() {
    return name;
  }

  public WireGuardPeer peer() {
    return peer;
  }

  /** To be told what happens to its peer. */
  public PeerReport report() {
    return report;
  }

  /** The node's last word; null before it was started, and without a tailnet. */
  public @Nullable NodeStatus nodeStatus() {
    return nodeStatus;
  }

  /** What its node may be asked, from any thread; null while there is none. */
  public @Nullable NodeQuestions questions() {
    TailnetNode node = keeper == null ? null : keeper.node();
    return node == null ? null : node.ask();
  }

  /** How the device stands at {@code nowEpochMillis}. */
  public DeviceState state(long nowEpochMillis) {
    return DeviceState.of(
        keeper != null,
        nodeStatus,
        nodeFailure,
        peer.status().lastHandshakeEpochMillis(),
        nowEpochMillis);
  }

  /** A session with the device began: what it has not acknowledged goes out again. */
  public void sessionBegan() {
    if (splices != null) {
      splices.sessionBegan();
    }
  }

  /** Its spliced connections; null when TCP is translated. */
  public @Nullable SpliceStats spliceStats() {
    return splices == null ? null : splices.stats();
  }

  /** Packets that the translation dropped, by reason; reasons that never occurred are absent. */
  public Map<ForwardDrop, Long> drops() {
    Map<ForwardDrop, Long> counts = new EnumMap<>(ForwardDrop.class);
    counts.putAll(drops.counts());
    if (splices != null && splices.badChecksums() > 0) {
      counts.merge(ForwardDrop.BAD_CHECKSUM, splices.badChecksums(), Long::sum);
    }
    return counts;
  }

  /** Leaves the tailnet's connections and stops translating. The peer stays. */
  public CompletableFuture<Void> stop() {
    expiry.cancel(false);
    if (splices != null) {
      splices.close();
    }
    forwarder.close();
    return keeper == null ? CompletableFuture.completedFuture(null) : keeper.stop();
  }

  private void toNode(ByteBuf packet) {
    TailnetNode node = keeper == null ? null : keeper.node();
    if (node == null) {
      drops.count(ForwardDrop.NO_NODE, packet);
      packet.release();
    } else {
      node.write(packet);
    }
  }

  private void flush() {
    peer.flush();
    flushNode();
  }

  private void flushNode() {
    TailnetNode node = keeper == null ? null : keeper.node();
    if (node != null) {
      node.flush();
    }
  }

  private boolean nodeIsWritable() {
    TailnetNode node = keeper == null ? null : keeper.node();
    return node == null || node.isWritable();
  }

  /** Packets of one direction; all of a batch have the time of its first. */
  private final class Inflow implements PacketReceiver {
    private final ObjLongConsumer<ByteBuf> translate;
    private boolean inBatch;
    private long batchNanos;

    Inflow(ObjLongConsumer<ByteBuf> translate) {
      this.translate = translate;
    }

    @Override
    public void packet(ByteBuf packet) {
      if (!inBatch) {
        inBatch = true;
        batchNanos = System.nanoTime();
      }
      translate.accept(packet, batchNanos);
    }

    @Override
    public void batchComplete() {
      inBatch = false;
      passOn();
    }

    @Override
    public void writabilityChanged() {
      if (splices != null) {
        splices.nodeWritable();
      }
    }
  }

  private final class NodeWatcher implements NodeKeeper.Owner {
    @Override
    public void nodeStarted(TailnetNode node) {
      node.receiver(new Inflow(forwarder::fromNode));
      if (splices != null) {
        // Data may wait for the one before.
        splices.nodeWritable();
      }
    }

    @Override
    public void nodeChanged(NodeStatus status) {
      log.nodeChanged(nodeStatus, status);
      if (callers != null && (nodeStatus == null || nodeStatus.netMap() != status.netMap())) {
        callers.tailnetChanged();
      }
      nodeStatus = status;
      nodeFailure = status.error();
      forwarder.nodeAddresses(first(status, Inet4Address.class), first(status, Inet6Address.class));
    }

    @Override
    public void nodeEnded(String reason, long nextTryMillis) {
      nodeStatus = null;
      nodeFailure = reason;
      forwarder.nodeAddresses(null, null);
      if (callers != null) {
        callers.tailnetChanged();
      }
      log.nodeEnded(reason, nextTryMillis);
    }

    private static <T extends InetAddress> @Nullable T first(NodeStatus status, Class<T> family) {
      for (InetAddress address : status.addresses()) {
        if (family.isInstance(address)) {
          return family.cast(address);
        }
      }
      return null;
    }
  }
}
