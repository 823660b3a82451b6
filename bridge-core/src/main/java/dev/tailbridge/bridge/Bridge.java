package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.AdminServer;
import dev.tailbridge.bridge.admin.BridgeStatus;
import dev.tailbridge.bridge.admin.BridgeView;
import dev.tailbridge.bridge.admin.HealthPages;
import dev.tailbridge.bridge.admin.HealthServer;
import dev.tailbridge.bridge.admin.NoAnswerException;
import dev.tailbridge.bridge.admin.PeerView;
import dev.tailbridge.bridge.admin.Token;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.Secret;
import dev.tailbridge.bridge.config.UplinkSection;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.gateway.AddressLookup;
import dev.tailbridge.bridge.health.HealthProbes;
import dev.tailbridge.bridge.health.HealthTargets;
import dev.tailbridge.bridge.service.HostClock;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.NodeIdentity;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.bridge.state.StateStore;
import dev.tailbridge.tailnet.NodeQuestions;
import dev.tailbridge.tailnet.library.NoexecMounts;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.CryptoUnavailableException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running bridge.
 *
 * <ul>
 *   <li>{@link #start} either returns a bridge that runs, or throws with nothing left behind.
 *   <li>A few event loops carry all packets; see {@link Fleet} for what lives on them.
 *   <li>{@link #close} ends within five seconds: the state is saved, then nodes, sockets and the
 *       lock on the state are given back.
 *   <li>Thread-safe.
 * </ul>
 */
public final class Bridge implements AutoCloseable, BridgeStatus {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");
  private static final long END_SECONDS = 3;

  private final BridgeInfo info;
  private final Deque<AutoCloseable> parts;
  private final Loops loops;
  private final Fleet fleet;
  private final Reload reload;
  private final ServiceManager manager;
  private volatile boolean closing;

  private Bridge(
      BridgeInfo info, Deque<AutoCloseable> parts, Loops loops, Fleet fleet, Reload reload) {
    this.reload = reload;
    this.manager = ServiceManager.find(System::getenv, loops.all());
    this.info = info;
    this.parts = parts;
    this.loops = loops;
    this.fleet = fleet;
  }

  /**
   * Starts everything that the configuration names. Returns when the sockets are bound and the
   * first nodes are on their way; they report to the log and to the API.
   *
   * @throws BridgeException when the bridge as a whole cannot run; what concerns one device never
   *     stops the others
   */
  public static Bridge start(BridgeConfig config) throws BridgeException {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(config, parts);
    } catch (StateException | TailnetLibraryException | IOException e) {
      closeAll(parts);
      throw new BridgeException(String.valueOf(e.getMessage()), e);
    } catch (BridgeException | RuntimeException | Error e) {
      closeAll(parts);
      throw e;
    }
  }

  private static Bridge start(BridgeConfig config, Deque<AutoCloseable> parts)
      throws BridgeException, StateException, TailnetLibraryException, IOException {
    StateDirectory directory = StateDirectory.open(config.bridge().stateDir());
    parts.push(directory);
    // Netty's, JNA's, Conscrypt's and our own native code are all unpacked there.
    NoexecMounts.refuse(directory.nativeDirectory());
    CryptoProvider crypto = crypto(config);
    StateStore store = StateStore.open(directory);
    store.warnings().forEach(LOG::warn);
    PrivateKey privateKey = config.bridge().privateKey();
    if (privateKey == null) {
      privateKey = directory.privateKey(new SecureRandom());
      refuseOwnKey(config, privateKey.publicKey());
    }

    Loops loops = Loops.start();
    parts.push(loops);
    EndpointWatcher watcher = new EndpointWatcher();
    List<NodeIdentity> identities = identities(config);
    NodeDirectories.Resolved nodes = NodeDirectories.resolve(directory, store, identities);
    nodes.notes().forEach(LOG::info);
    warn(DescriptorLimit.problem(identities.size()));
    Tailnets tailnets = new Tailnets(directory, loops.first());
    parts.push(tailnets::abandon); // what a start that fails has opened
    tailnets.open(config);

    HostClock clock = new HostClock(() -> store.current().clockSeen());
    warnOf(clock);
    HealthTargets targets = new HealthTargets();
    AddressLookup names = AddressLookup.ofThisHost();
    Splicing splicing = new Splicing();
    Gateways gateways = new Gateways(loops.first(), names, targets);
    Fleet fleet = new Fleet(loops, watcher, targets, gateways, splicing, tailnets, clock);
    parts.push(() -> fleet.leave(Duration.ofSeconds(END_SECONDS)));
    parts.push(gateways);
    gateways.begin(config.gateways());

    // After everything that takes long: a device that calls before it is a peer is refused, and
    // tries again only five seconds later.
    WireGuardEndpoint endpoint = bind(config.bridge(), crypto, privateKey, store, loops, watcher);
    parts.push(() -> endpoint.close().await(1, TimeUnit.SECONDS));
    Uplinks uplinks = new Uplinks(loops, endpoint, watcher, gateways, names, splicing);
    parts.push(uplinks);
    // Saved before the first timestamp is used, so that a crash cannot take one back.
    store.update(state -> state.withTimestampFloor(endpoint.timestampFloor()));
    StateKeeper keeper = new StateKeeper(store, endpoint, fleet);
    BridgeInfo info =
        new BridgeInfo(
            config,
            privateKey.publicKey(),
            endpoint,
            watcher,
            crypto.description(),
            clock,
            new GatewayInfo(gateways, uplinks));
    Reload reload =
        new Reload(directory, store, endpoint, fleet, uplinks, gateways, info.publicKey(), config);
    Bridge bridge = new Bridge(info, parts, loops, fleet, reload);
    NodeRemoval removal = new NodeRemoval(reload::inForce, fleet, directory, store);
    HealthPages health = new HealthPages(bridge, new HealthProbes(targets, InstantSource.system()));
    parts.push(health);
    Secret token = config.admin().token();
    AdminServer admin =
        AdminServer.start(
            config.admin().listen(),
            token == null ? null : new Token(token.reveal()),
            health,
            bridge,
            removal,
            new ReloadByRequest(reload));
    parts.push(admin);
    if (config.admin().healthListen() != null) {
      parts.push(HealthServer.start(config.admin().healthListen(), health));
    }
    LOG.info(
        "bridge {} runs: public key {}, WireGuard on {}, crypto: {}, event loops: {}, devices: {}, API"
            + " on http://{}:{}",
        BridgeInfo.version(),
        info.publicKey(),
        String.join(" and ", info.listen()),
        crypto.description(),
        endpoint.eventLoops().size(),
        config.devices().size(),
        admin.address().getAddress().getHostAddress(),
        admin.address().getPort());
    fleet.join(endpoint, config, nodes.directories(), store.current());
    uplinks.change(config.uplinks());
    keeper.start();
    parts.push(keeper);
    watcher.onEndpointChange(keeper::saveSoon);
    keeper.saveSoon(); // for those that were heard while others joined
    parts.push(bridge.manager); // the last, so that it is told before anything ends
    bridge.tellReady();
    return bridge;
  }

  private static void warnOf(HostClock clock) {
    String problem = clock.problem();
    warn(problem == null ? null : "this host's clock is wrong: " + problem);
  }

  static void warn(@Nullable String problem) {
    if (problem != null) {
      LOG.warn("{}", problem);
    }
  }

  private static CryptoProvider crypto(BridgeConfig config) throws BridgeException {
    try {
      CryptoProviders.Selection chosen = CryptoProviders.select(config.bridge().crypto().word());
      chosen.warnings().forEach(LOG::warn);
      return chosen.provider();
    } catch (CryptoUnavailableException e) {
      throw new BridgeException(config.file() + ": crypto in [bridge]: " + e.getMessage(), e);
    }
  }

  /** What the reader of the file checks too, when the key stands in the file. */
  static void refuseOwnKey(BridgeConfig config, PublicKey own) throws BridgeException {
    for (DeviceSection device : config.devices()) {
      refuseOwnKey(config, device.name(), device.publicKey(), own);
    }
    for (UplinkSection uplink : config.uplinks()) {
      refuseOwnKey(config, uplink.name(), uplink.publicKey(), own);
    }
  }

  private static void refuseOwnKey(BridgeConfig config, String name, PublicKey key, PublicKey own)
      throws BridgeException {
    if (key.equals(own)) {
      throw new BridgeException(
          config.file()
              + ": device \""
              + name
              + "\" has the bridge's own public key; write the public key of the device itself");
    }
  }

  private static WireGuardEndpoint bind(
      BridgeSection section,
      CryptoProvider crypto,
      PrivateKey privateKey,
      StateStore store,
      Loops loops,
      EndpointWatcher watcher)
      throws IOException {
    WireGuardEndpoint endpoint =
        WireGuardEndpoint.builder(privateKey, loops.group())
            .crypto(crypto)
            .listen(section.listen())
            .leaveOutMissingFamily(section.listenIsDefault())
            .timestampFloor(store.current().timestampFloor())
            .listener(watcher)
            .build();
    Future<Void> bound = endpoint.bind().awaitUninterruptibly();
    if (bound.cause() instanceof IOException e) {
      throw e;
    }
    if (bound.cause() != null) {
      throw new IOException("cannot open the WireGuard sockets: " + bound.cause(), bound.cause());
    }
    return endpoint;
  }

  static List<NodeIdentity> identities(BridgeConfig config) {
    return config.devices().stream()
        .filter(device -> device.tailnet() != null)
        .map(
            device ->
                new NodeIdentity(
                    device.publicKey(), Objects.requireNonNull(device.tailnet()), device.name()))
        .toList();
  }

  /**
   * Does from now on what another configuration says of its devices; devices whose block is the
   * same are not disturbed. What needs a restart is told in the log. Waits for nodes to end.
   *
   * @throws BridgeException when it cannot be done; devices that were not reached are as before
   */
  public void reload(BridgeConfig config) throws BridgeException {
    manager.reloading();
    try {
      reload.to(config);
    } finally {
      tellReady();
    }
  }

  private void tellReady() {
    manager.ready(reload.inForce().devices().size() + " devices");
  }

  @Override
  public BridgeView view() {
    return info.view(fleet);
  }

  @Override
  public @Nullable List<PeerView> peers(String device, boolean measure) throws NoAnswerException {
    if (fleet.find(device).isEmpty()) {
      return null;
    }
    NodeQuestions node =
        fleet
            .askOne(device, Device::questions)
            .orElseThrow(
                () ->
                    new NoAnswerException(
                        "The device has no tailnet node, or it has not started yet;"
                            + " /api/v1/devices/"
                            + device
                            + " says which."));
    return new PeerPaths(node).all(measure);
  }

  @Override
  public boolean alive() {
    return loops.alive();
  }

  @Override
  public boolean ready() {
    return !closing && fleet.firstRoundDone();
  }

  /**
   * Completes, with the reason, when no node can work any more in this process: then close it, and
   * let another process take over.
   */
  public CompletableFuture<String> failure() {
    return fleet.tailnets().lost();
  }

  /** Ends it; returns when all is closed and saved, within five seconds. */
  @Override
  public void close() {
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
    }
    LOG.info("ending");
    closeAll(parts);
    LOG.info("ended");
  }

  /** Closes in reverse order; what fails is told and does not keep the rest open. */
  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("while ending: {}", e.toString());
      }
    }
  }
}
