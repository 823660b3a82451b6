package dev.tailbridge.tailnet;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node at one moment. Immutable.
 *
 * @param ready whether it runs and has heard from its home relay: earlier, first connections take
 *     seconds
 * @param authUrl where somebody must log in; empty when nobody has to
 * @param nodeId what the control server calls it in its API; empty until known
 * @param dnsName its full MagicDNS name without the final dot, as the tailnet granted it; empty
 *     until known
 * @param addresses its tailnet addresses; empty until known
 * @param derpHome its home relay region; empty until known
 * @param health Tailscale's own warnings about this node
 * @param keyExpiry when it must log in again; null when never or not known
 * @param peers how many machines it sees
 * @param netMap another number whenever machines or users of the tailnet, as this node sees them,
 *     have changed
 * @param error why it cannot go on, or did not start; empty when all is well
 * @param ended whether this node is over: it never runs again, start another
 */
public record NodeStatus(
    NodeState state,
    boolean ready,
    String authUrl,
    String nodeId,
    String dnsName,
    List<InetAddress> addresses,
    String derpHome,
    List<String> health,
    @Nullable Instant keyExpiry,
    int peers,
    long netMap,
    String error,
    boolean ended,
    LinkCounters packets) {

  /** How the Go code begins an error that is none: an answer 429, which is obeyed. */
  private static final String SLOW_DOWN = "the control server asks to slow down";

  public NodeStatus {
    addresses = List.copyOf(addresses);
    health = List.copyOf(health);
  }

  /** Its first address of a family; null while it has none. */
  public <T extends InetAddress> @Nullable T address(Class<T> family) {
    return addresses.stream().filter(family::isInstance).map(family::cast).findFirst().orElse(null);
  }

  /** Whether its error is the control server's wish that it asks again later, which it does. */
  public boolean isToldToWait() {
    return error.startsWith(SLOW_DOWN);
  }
}
