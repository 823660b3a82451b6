package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.LoopView;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.device.Farewell;
import dev.tailbridge.bridge.device.NodeHost;
import dev.tailbridge.bridge.device.StartTurns;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.health.HealthTargets;
import dev.tailbridge.bridge.service.HostClock;
import dev.tailbridge.bridge.state.BridgeState;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardPeer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All devices with the one WireGuard endpoint that they share, and what their nodes run in.
 *
 * <p>Each device lives on its peer's event loop. Everything here may be called on any other thread,
 * and waits for those loops within a bound.
 */
final class Fleet {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");

  /** Each peer costs a key agreement, a tenth of a millisecond. */
  static final Duration JOIN_BOUND = Duration.ofSeconds(30);

  private static final Duration END_BOUND = Duration.ofSeconds(20);

  private final Loops loops;
  private final EndpointWatcher watcher;
  private final HealthTargets health;
  private final Gateways gateways;
  private final Tailnets tailnets;
  private final StartTurns turns = new StartTurns();
  private final Splicing splicing;
  private final Services services;

  /** In the order of the file; empty until all have joined. */
  private volatile List<Member> members = List.of();

  private volatile boolean allAsked;
  private volatile boolean firstRoundDone;

  /** Nobody joins any more. Guarded by this, and so is every change of the members. */
  private boolean left;

  private record Member(DeviceSection section, Device device) {}

  /**
   * @param health where devices stand while they are there
   * @param tailnets what nodes run in, open for those that are to join
   * @param clock what devices are told
   */
  Fleet(
      Loops loops,
      EndpointWatcher watcher,
      HealthTargets health,
      Gateways gateways,
      Splicing splicing,
      Tailnets tailnets,
      HostClock clock) {
    this.splicing = splicing;
    this.services = new Services(splicing.deviceStacks(), clock);
    this.loops = loops;
    this.watcher = watcher;
    this.health = health;
    this.gateways = gateways;
    this.tailnets = tailnets;
  }

  /** What the nodes run in. */
  Tailnets tailnets() {
    return tailnets;
  }

  /**
   * Adds every configured device as a peer and sends its node on its way.
   *
   * @param directories where each node's own state lies, by the device's public key
   * @param known endpoints of before, so that a device is not dark until it is heard
   */
  void join(
      WireGuardEndpoint endpoint,
      BridgeConfig config,
      Map<PublicKey, Path> directories,
      BridgeState known) {
    List<CompletableFuture<Member>> joining = new ArrayList<>();
    for (DeviceSection section : config.devices()) {
      joining.add(
          join(
              endpoint,
              section,
              config,
              directories,
              known.endpoints().get(section.publicKey()),
              known.endpoints().size()));
    }
    members = List.copyOf(Loops.await(joining, JOIN_BOUND));
    allAsked = true;
  }

  /** Starts what the nodes of a configuration run in, if that was not done before. */
  synchronized void openTailnets(BridgeConfig config) throws IOException, TailnetLibraryException {
    if (!left) {
      tailnets.open(config);
    }
  }

  /** How busy the event loops are; waits for them. */
  List<LoopView> loops() {
    return loops.view();
  }

  /**
   * Ends devices: their connections, nodes and sessions. Waits until the nodes have ended.
   *
   * @return where each was last heard
   * @throws BridgeException when one does not end; it is no longer among the fleet all the same
   */
  synchronized Map<PublicKey, InetSocketAddress> dismiss(
      WireGuardEndpoint endpoint, Set<PublicKey> keys) throws BridgeException {
    List<Member> going = new ArrayList<>(members);
    going.removeIf(member -> !keys.contains(member.section().publicKey()));
    Map<PublicKey, InetSocketAddress> heard = endpoints(going);
    members =
        members.stream().filter(member -> !keys.contains(member.section().publicKey())).toList();
    List<CompletableFuture<Void>> stops =
        loops.askEach(
            going,
            member -> member.device().peer().eventLoop(),
            member -> {
              gateways.tunnelEnds(member.section().name());
              return member.device().stop();
            });
    for (Member member : going) {
      watcher.forget(member.device());
      health.remove(member.section().name());
      endpoint.removePeer(member.device().peer());
    }
    try {
      CompletableFuture.allOf(stops.toArray(CompletableFuture<?>[]::new))
          .get(END_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BridgeException("interrupted while tailnet nodes end", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new BridgeException(
          "a tailnet node does not end, so no other may take its place; restart the bridge", e);
    }
    return heard;
  }

  /**
   * Adds devices to those that are there.
   *
   * @param config all devices, in their order
   * @param joining those that are to be added
   * @param heard where each may be called
   */
  synchronized void admit(
      WireGuardEndpoint endpoint,
      BridgeConfig config,
      List<DeviceSection> joining,
      Map<PublicKey, Path> directories,
      Map<PublicKey, InetSocketAddress> heard) {
    if (left) {
      return;
    }
    List<CompletableFuture<Member>> joined = new ArrayList<>();
    for (DeviceSection section : joining) {
      InetSocketAddress at = heard.get(section.publicKey());
      joined.add(join(endpoint, section, config, directories, at, joining.size()));
    }
    Map<PublicKey, Member> all = new HashMap<>();
    members.forEach(member -> all.put(member.section().publicKey(), member));
    Loops.await(joined, JOIN_BOUND)
        .forEach(member -> all.put(member.section().publicKey(), member));
    members =
        config.devices().stream()
            .map(section -> all.get(section.publicKey()))
            .filter(Objects::nonNull)
            .toList();
  }

  private CompletableFuture<Member> join(
      WireGuardEndpoint endpoint,
      DeviceSection section,
      BridgeConfig config,
      Map<PublicKey, Path> directories,
      @Nullable InetSocketAddress lastHeard,
      int called) {
    NodeConfig node = node(section, config, directories);
    CompletableFuture<Member> joined = new CompletableFuture<>();
    Consumer<WireGuardPeer> setUp =
        peer -> joined.completeAsync(() -> member(section, config, peer, node), Runnable::run);
    endpoint.addPeer(Devices.peer(section, lastHeard), firstCallWithin(called), setUp);
    return joined;
  }

  /** On the peer's loop. */
  private Member member(
      DeviceSection section, BridgeConfig config, WireGuardPeer peer, @Nullable NodeConfig node) {
    Device device =
        new Device(
            section.name(),
            peer,
            Devices.forwarding(section, config.bridge().network()),
            splicing.of(section, config.bridge().network()),
            section.allow());
    BridgeHost host = services.open(device, section, config.bridge());
    watcher.watch(device);
    gateways.tunnelBegan(new DeviceTunnel(device, host, config.bridge().network().bridgeAddress()));
    NodeHost nodes = node == null ? null : tailnets.hostOf(section, config);
    if (node != null && nodes != null) {
      device.join(nodes, node, section.presence() == DeviceSection.Presence.FOLLOW_DEVICE, turns);
    }
    health.add(DeviceHealth.target(section, device));
    return new Member(section, device);
  }

  /**
   * The first calls of a fleet are spread so that their answers, 200 a second, disturb nobody; and
   * over two seconds at least, so that a bridge which restarts again and again calls nobody often.
   */
  static Duration firstCallWithin(int devices) {
    return Duration.ofMillis(Math.max(2_000, devices * 1_000L / 200));
  }

  /** Null for a device without a tailnet. */
  private static @Nullable NodeConfig node(
      DeviceSection section, BridgeConfig config, Map<PublicKey, Path> directories) {
    if (section.tailnet() == null) {
      return null;
    }
    TailnetSection of = Objects.requireNonNull(config.tailnets().get(section.tailnet()));
    Path directory = Objects.requireNonNull(directories.get(section.publicKey()));
    return Devices.node(section, of, directory);
  }

  /**
   * Asks every device on its own loop.
   *
   * @return the answers, in the order of the file
   */
  <T> List<T> ask(BiFunction<DeviceSection, Device, T> question) {
    return loops.askEach(
        members,
        member -> member.device().peer().eventLoop(),
        member -> question.apply(member.section(), member.device()));
  }

  /**
   * Asks one device on its own loop.
   *
   * @return its answer; empty when no device has that name or it has no answer
   */
  <T> Optional<T> askOne(String name, Function<Device, @Nullable T> question) {
    List<Member> named =
        members.stream().filter(member -> member.section().name().equals(name)).toList();
    return loops
        .askEach(
            named,
            member -> member.device().peer().eventLoop(),
            member -> Optional.ofNullable(question.apply(member.device())))
        .stream()
        .findFirst()
        .flatMap(answer -> answer);
  }

  /** The device of that name. */
  Optional<DeviceSection> find(String name) {
    return member(name).map(Member::section);
  }

  private Optional<Member> member(String name) {
    return members.stream().filter(member -> member.section().name().equals(name)).findFirst();
  }

  /** Takes the node of a device, which is there and has one, out of its tailnet for good. */
  CompletableFuture<Farewell> leaveTailnet(String name) {
    Device device = member(name).orElseThrow().device();
    return CompletableFuture.completedFuture(device)
        .thenComposeAsync(Device::leaveTailnet, device.peer().eventLoop());
  }

  /** Whether every node of the start had its turn; those that come later do not count. */
  boolean firstRoundDone() {
    firstRoundDone = firstRoundDone || (allAsked && turns.idle());
    return firstRoundDone;
  }

  /** Where each device was last heard. */
  Map<PublicKey, InetSocketAddress> endpoints() {
    return endpoints(members);
  }

  private static Map<PublicKey, InetSocketAddress> endpoints(List<Member> members) {
    Map<PublicKey, InetSocketAddress> heard = new LinkedHashMap<>();
    for (Member member : members) {
      InetSocketAddress at = member.device().peer().status().endpoint();
      if (at != null) {
        heard.put(member.section().publicKey(), at);
      }
    }
    return heard;
  }

  /** Closes the nodes and the library, within a bound. */
  synchronized void leave(Duration bound) {
    left = true;
    try {
      long deadline = System.nanoTime() + bound.toNanos();
      List<CompletableFuture<Void>> stops = ask((section, device) -> device.stop());
      CompletableFuture<Void> all =
          CompletableFuture.allOf(stops.toArray(CompletableFuture<?>[]::new));
      if (!tailnets.close(bound).get(until(deadline), TimeUnit.NANOSECONDS)) {
        LOG.warn("some tailnet nodes did not close in time; their state is on disk all the same");
      }
      all.get(until(deadline), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | IllegalStateException e) {
      LOG.warn("tailnet nodes did not close properly: {}", e.toString());
    }
  }

  private static long until(long deadline) {
    return Math.max(1, deadline - System.nanoTime());
  }
}
