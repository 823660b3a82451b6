package dev.tailbridge.wireguard.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The trie against a table that is searched from end to end. */
class AllowedIpsTest {

  private enum Kind {
    INSERT,
    INSERT_MORE,
    REMOVE_OWNER,
    LOOKUP
  }

  private record Step(Kind kind, IpPrefix prefix, int owner) {}

  /** Addresses from few bits, so that prefixes nest, collide and part late. */
  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<InetAddress> addresses =
        Combinators.combine(
                Arbitraries.of(4, 16),
                Arbitraries.integers().between(0, 255),
                Arbitraries.integers().between(0, 3))
            .as(
                (width, low, high) -> {
                  byte[] bytes = new byte[width];
                  bytes[0] = (byte) (high << 6);
                  bytes[1] = (byte) (low & 0x11);
                  bytes[width / 2] = (byte) ((low & 2) << 6);
                  bytes[width - 1] = (byte) (int) low;
                  return address(bytes);
                });
    Arbitrary<IpPrefix> prefixes =
        Combinators.combine(addresses, Arbitraries.integers().between(0, 128))
            .as(
                (address, length) ->
                    IpPrefix.of(address, length % (address.getAddress().length * 8 + 1)));
    return Combinators.combine(
            Arbitraries.of(Kind.class), prefixes, Arbitraries.integers().between(1, 4))
        .as(Step::new)
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 500)
  void agreesWithANaiveTable(@ForAll("steps") List<Step> steps) {
    AllowedIps<Integer> trie = new AllowedIps<>();
    Map<IpPrefix, Integer> table = new HashMap<>();
    for (Step step : steps) {
      switch (step.kind()) {
        case INSERT, INSERT_MORE -> {
          trie.insert(step.prefix(), step.owner());
          table.put(step.prefix(), step.owner());
        }
        case REMOVE_OWNER -> {
          trie.removeAll(step.owner());
          table.values().removeIf(owner -> owner == step.owner());
        }
        case LOOKUP -> {}
      }
      for (Step other : steps) {
        InetAddress address = other.prefix().address();
        assertThat(lookup(trie, address)).isEqualTo(naive(table, address));
      }
    }
  }

  private static Integer lookup(AllowedIps<Integer> trie, InetAddress address) {
    byte[] bytes = address.getAddress();
    byte[] packet = new byte[bytes.length + 7];
    System.arraycopy(bytes, 0, packet, 5, bytes.length);
    return trie.lookup(packet, 5, bytes.length);
  }

  private static Integer naive(Map<IpPrefix, Integer> table, InetAddress address) {
    Integer owner = null;
    int longest = -1;
    for (Map.Entry<IpPrefix, Integer> entry : table.entrySet()) {
      if (entry.getKey().contains(address) && entry.getKey().length() > longest) {
        longest = entry.getKey().length();
        owner = entry.getValue();
      }
    }
    return owner;
  }

  @Test
  void insertingAnExistingPrefixMovesIt() throws Exception {
    AllowedIps<String> trie = new AllowedIps<>();
    trie.insert(IpPrefix.parse("10.6.0.0/24"), "a");
    trie.insert(IpPrefix.parse("10.6.0.9/24"), "b");
    byte[] address = InetAddress.getByName("10.6.0.77").getAddress();
    assertThat(trie.lookup(address, 0, 4)).isEqualTo("b");
    trie.removeAll("a");
    assertThat(trie.lookup(address, 0, 4)).isEqualTo("b");
    trie.removeAll("b");
    assertThat(trie.lookup(address, 0, 4)).isNull();
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
