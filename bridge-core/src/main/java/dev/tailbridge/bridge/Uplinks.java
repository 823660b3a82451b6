package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.UplinkSection;
import dev.tailbridge.bridge.gateway.AddressLookup;
import dev.tailbridge.bridge.gateway.Uplink;
import dev.tailbridge.bridge.gateway.UplinkSettings;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardPeer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * The WireGuard servers that the bridge dials. Each lives on its peer's event loop; the methods
 * here are for other threads, and wait for those loops within a bound.
 */
final class Uplinks implements AutoCloseable {

  private final Loops loops;
  private final WireGuardEndpoint endpoint;
  private final EndpointWatcher watcher;
  private final Gateways gateways;
  private final AddressLookup names;
  private final Splicing splicing;

  // Guarded by this.
  private final Map<UplinkSection, Uplink> uplinks = new LinkedHashMap<>();

  /**
   * @param endpoint bound
   */
  Uplinks(
      Loops loops,
      WireGuardEndpoint endpoint,
      EndpointWatcher watcher,
      Gateways gateways,
      AddressLookup names,
      Splicing splicing) {
    this.loops = loops;
    this.endpoint = endpoint;
    this.watcher = watcher;
    this.gateways = gateways;
    this.names = names;
    this.splicing = splicing;
  }

  /** Asks each, in the order in which they began. */
  synchronized <T> List<T> each(BiFunction<UplinkSection, Uplink, T> question) {
    List<T> answers = new ArrayList<>();
    uplinks.forEach((section, uplink) -> answers.add(question.apply(section, uplink)));
    return answers;
  }

  /** Ends those that are not among these, so that their keys and names are free. */
  synchronized void retain(List<UplinkSection> sections) {
    List<UplinkSection> gone = new ArrayList<>(uplinks.keySet());
    gone.removeAll(sections);
    end(gone);
  }

  /** Ends those that are not among these, and begins those that are new. */
  synchronized void change(List<UplinkSection> sections) {
    retain(sections);
    List<CompletableFuture<Uplink>> beginning = new ArrayList<>();
    List<UplinkSection> added = new ArrayList<>(sections);
    added.removeAll(uplinks.keySet());
    added.forEach(section -> beginning.add(begin(section)));
    List<Uplink> begun = Loops.await(beginning, Fleet.JOIN_BOUND);
    for (int i = 0; i < added.size(); i++) {
      uplinks.put(added.get(i), begun.get(i));
    }
  }

  private CompletableFuture<Uplink> begin(UplinkSection section) {
    CompletableFuture<Uplink> begun = new CompletableFuture<>();
    endpoint.addPeer(
        peer(section), peer -> begun.completeAsync(() -> uplink(section, peer), Runnable::run));
    return begun;
  }

  /** On the peer's loop. */
  private Uplink uplink(UplinkSection section, WireGuardPeer peer) {
    Uplink uplink =
        new Uplink(
            new UplinkSettings(
                section.name(),
                section.endpoint().host(),
                section.endpoint().port(),
                section.localAddresses(),
                section.mtu(),
                splicing.uplink(section.mtu())),
            peer,
            names);
    watcher.watch(uplink);
    gateways.tunnelBegan(uplink);
    // Once it takes part, which is after this.
    peer.eventLoop().execute(uplink::start);
    return uplink;
  }

  private static PeerConfig peer(UplinkSection section) {
    return PeerConfig.of(section.name(), section.publicKey(), section.allowedIps())
        .withPresharedKey(section.presharedKey())
        .withPersistentKeepalive(section.keepalive())
        .withStaleInitiations(StaleInitiations.DROP);
  }

  private void end(List<UplinkSection> sections) {
    List<Uplink> ending = new ArrayList<>();
    for (UplinkSection section : sections) {
      Uplink uplink = uplinks.remove(section);
      if (uplink != null) {
        ending.add(uplink);
      }
    }
    loops.askEach(
        ending,
        Uplink::eventLoop,
        uplink -> {
          gateways.tunnelEnds(uplink.name());
          uplink.close();
          return true;
        });
    for (Uplink uplink : ending) {
      watcher.forget(uplink);
      endpoint.removePeer(uplink.peer());
    }
  }

  @Override
  public synchronized void close() {
    end(List.copyOf(uplinks.keySet()));
  }
}
