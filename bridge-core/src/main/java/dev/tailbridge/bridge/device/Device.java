package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.bridge.forward.DeviceForwarder;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.bridge.forward.splice.SpliceSettings;
import dev.tailbridge.bridge.forward.splice.SpliceStats;
import dev.tailbridge.bridge.forward.splice.Splices;
import dev.tailbridge.bridge.forward.splice.StackLink;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.tailnet.LinkCounters;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeQuestions;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.tailnet.TailnetNode;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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

  private static final long EXPIRY_NANOS = 1_000_000_000;

  /** The devices of a loop share ten moments of each second, so that it wakes up few times. */
  private static final long MOMENT_NANOS = EXPIRY_NANOS / 10;

  private final String name;
  private final WireGuardPeer peer;
  private final DeviceLog log;
  private final PeerReport report;
  private final ForwardDrops drops;
  private final DeviceForwarder forwarder;
  private final @Nullable Splices splices;
  private final @Nullable CallerPolicy callers;
  private final ScheduledFuture<?> expiry;
  private @Nullable BridgeHost host;
  private @Nullable DeviceNode node;
  private long heardBytes;

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
    peer.receiver(inflow(forwarder::fromDevice));
    long first = EXPIRY_NANOS - Math.floorMod(System.nanoTime(), MOMENT_NANOS);
    this.expiry =
        peer.eventLoop()
            .scheduleAtFixedRate(this::everySecond, first, EXPIRY_NANOS, TimeUnit.NANOSECONDS);
  }

  private void everySecond() {
    long now = System.nanoTime();
    forwarder.expire(now);
    flush();
    if (node != null) {
      node.everySecond(now);
      if (node.followsDevice()) {
        follow(node, now);
      }
    }
  }

  /** What came from the device and is authentic shows in the count of its bytes. */
  private void follow(DeviceNode follower, long now) {
    long bytes = peer.status().rxBytes();
    if (bytes != heardBytes) {
      heardBytes = bytes;
      follower.deviceHeard(now);
    } else {
      follower.follow(now);
    }
  }

  private Splices splices(SpliceSettings settings) {
    Splices made =
        new Splices(
            settings,
            deviceLink(settings.deviceMtu()),
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

  /**
   * Makes the bridge's own tunnel address a machine; before packets come, and once.
   *
   * @param tcp how its TCP behaves
   * @throws IllegalStateException when two services want one port
   */
  public BridgeHost serve(ForwardSettings settings, StackConfig tcp, List<TunnelService> services) {
    BridgeHost serving =
        new BridgeHost(
            settings.bridge(),
            settings.device(),
            deviceLink(settings.deviceMtu()),
            tcp,
            services,
            drops::question,
            forwarder.faces());
    forwarder.serve(serving);
    host = serving;
    return serving;
  }

  private StackLink deviceLink(int mtu) {
    return new StackLink(
        peer.eventLoop(), mtu, forwarder::sendToDevice, peer::flush, peer::isWritable);
  }

  private CallerPolicy callers(List<String> allow) {
    CallerPolicy policy =
        new CallerPolicy(
            allow,
            new CallerWhois(
                peer.eventLoop(), () -> node == null ? null : node.node(), this::passOn),
            log::denied);
    forwarder.judgeCallers(policy);
    if (splices != null) {
      splices.judgeCallers(policy);
    }
    return policy;
  }

  /** Sends off what packets or verdicts brought about. */
  private void passOn() {
    if (host != null) {
      host.batchComplete();
    }
    if (splices == null) {
      flush();
    } else {
      splices.batchComplete();
    }
  }

  /**
   * Joins a tailnet, when its turn comes.
   *
   * @param nodes where its node is to run
   * @param followDevice whether its node goes offline while the device is away
   */
  public void join(NodeHost nodes, NodeConfig config, boolean followDevice, StartTurns turns) {
    DeviceNode joined =
        new DeviceNode(
            nodes,
            config,
            followDevice ? new Presence(System.nanoTime()) : null,
            peer.eventLoop(),
            turns,
            log,
            this::nodeStarted,
            this::nodeChanged);
    node = joined;
    joined.start();
  }

  private void nodeStarted(TailnetNode started) {
    started.receiver(inflow(forwarder::fromNode));
    nodeWritable(); // data may wait for the one before
  }

  /** Each is null while there is no node. */
  private void nodeChanged(@Nullable NodeStatus before, @Nullable NodeStatus now) {
    if (callers != null && (before == null || now == null || before.netMap() != now.netMap())) {
      callers.tailnetChanged();
    }
    forwarder.nodeAddresses(
        now == null ? null : now.address(Inet4Address.class),
        now == null ? null : now.address(Inet6Address.class));
    if (splices != null && now != null && now.ready() && (before == null || !before.ready())) {
      splices.nodeReady();
    }
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
    return node == null ? null : node.status();
  }

  /** What its node has carried until now; null while there is none. */
  public @Nullable LinkCounters nodePackets() {
    return node == null ? null : node.packets();
  }

  /** By which way its node reaches those it talks with; null without a tailnet. */
  public TailnetPath.@Nullable Way tailnetWay() {
    return node == null ? null : node.way();
  }

  /** What its node may be asked, from any thread; null while there is none. */
  public @Nullable NodeQuestions questions() {
    TailnetNode asked = node == null ? null : node.node();
    return asked == null ? null : asked.ask();
  }

  /** How the device stands at {@code nowEpochMillis}. */
  public DeviceState state(long nowEpochMillis) {
    if (node != null && node.hasLeft()) {
      return DeviceState.LEFT;
    }
    return DeviceState.of(
        node != null,
        nodeStatus(),
        node == null ? "" : node.failure(),
        peer.status().lastHandshakeEpochMillis(),
        nowEpochMillis);
  }

  /** A session with the device began: what it has not acknowledged goes out again. */
  public void sessionBegan() {
    if (splices != null) {
      splices.sessionBegan();
    }
    if (host != null) {
      host.sessionBegan();
    }
    if (node != null) {
      node.deviceHeard(System.nanoTime());
    }
  }

  /**
   * Calls the device's TCP as the bridge itself; null when its TCP is routed.
   *
   * @param timeout for the call alone
   */
  public @Nullable ChannelFuture call(int port, Duration timeout, ChannelHandler handler) {
    return splices == null ? null : splices.call(port, timeout, handler);
  }

  /** What somebody can mend, on either side. */
  public List<Finding> findings() {
    List<Finding> all = new ArrayList<>(report.findings());
    Finding key = node == null ? null : node.keyFinding();
    if (key != null) {
      all.add(key);
    }
    return List.copyOf(all);
  }

  /** Where its TCP ends; null when that is translated. */
  public @Nullable Splices splices() {
    return splices;
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

  /**
   * Takes its node out of the tailnet for good. The peer stays.
   *
   * @throws IllegalStateException when it is in none
   */
  public CompletableFuture<Farewell> leaveTailnet() {
    if (node == null) {
      throw new IllegalStateException(name + " has no tailnet");
    }
    return node.leave();
  }

  /** Leaves the tailnet's connections and stops translating. The peer stays. */
  public CompletableFuture<Void> stop() {
    expiry.cancel(false);
    if (splices != null) {
      splices.close();
    }
    if (host != null) {
      host.close();
    }
    forwarder.close();
    return node == null ? CompletableFuture.completedFuture(null) : node.stop();
  }

  private void toNode(ByteBuf packet) {
    TailnetNode to = node == null ? null : node.node();
    if (to == null) {
      drops.count(ForwardDrop.NO_NODE, packet);
      packet.release();
    } else {
      to.write(packet);
    }
  }

  private Inflow inflow(ObjLongConsumer<ByteBuf> translate) {
    return new Inflow(translate, this::passOn, this::nodeWritable);
  }

  private void nodeWritable() {
    if (splices != null) {
      splices.nodeWritable();
    }
  }

  private void flush() {
    peer.flush();
    flushNode();
  }

  private void flushNode() {
    TailnetNode to = node == null ? null : node.node();
    if (to != null) {
      to.flush();
    }
  }

  private boolean nodeIsWritable() {
    TailnetNode to = node == null ? null : node.node();
    return to == null || to.isWritable();
  }
}
