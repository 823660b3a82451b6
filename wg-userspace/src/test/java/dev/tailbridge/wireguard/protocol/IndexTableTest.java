package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class IndexTableTest {

  private final Peer a = Pair.inSession(1).server.peer;
  private final Peer b = Pair.inSession(2).server.peer;

  /** Gives out what it is told, then counts on. */
  private static final class Scripted extends Random {
    private static final long serialVersionUID = 1L;
    private final Deque<Integer> script;
    private int next = 1000;

    Scripted(List<Integer> script) {
      this.script = new ArrayDeque<>(script);
    }

    @Override
    public int nextInt() {
      return script.isEmpty() ? next++ : script.removeFirst();
    }
  }

  @Test
  void zeroAndTakenIndicesAreDrawnAgain() {
    IndexTable table = new IndexTable(new Scripted(List.of(0, 7, 7, 0, 23, 7, 8)), 1, 0);
    assertThat(table.allocate(a)).isEqualTo(7);
    assertThat(table.allocate(b)).isEqualTo(23);
    assertThat(table.allocate(b)).isEqualTo(8);
    assertThat(table.find(7)).isSameAs(a);
    assertThat(table.find(23)).isSameAs(b);
    assertThat(table.find(0)).isNull();
    assertThat(table.find(9)).isNull();
    table.free(0);
    assertThat(table.size()).isEqualTo(3);
  }

  /** Indices whose low bits are alike collide in their slots all the time. */
  @Property(tries = 200)
  void agreesWithAMap(
      @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 40) Integer> indices,
      @ForAll Random choice) {
    Map<Integer, Peer> map = new HashMap<>();
    IndexTable table =
        new IndexTable(
            new Scripted(indices.stream().map(i -> i % 8 + ((i / 8) << 16)).toList()), 1, 0);
    for (int i = 0; i < indices.size(); i++) {
      if (choice.nextInt(3) == 0 && !map.isEmpty()) {
        List<Integer> known = List.copyOf(map.keySet());
        int victim = known.get(choice.nextInt(known.size()));
        table.free(victim);
        map.remove(victim);
        assertThat(table.find(victim)).isNull();
      } else {
        Peer peer = choice.nextBoolean() ? a : b;
        map.put(table.allocate(peer), peer);
      }
      assertThat(table.size()).isEqualTo(map.size());
      map.forEach((index, peer) -> assertThat(table.find(index)).isSameAs(peer));
    }
  }
}
