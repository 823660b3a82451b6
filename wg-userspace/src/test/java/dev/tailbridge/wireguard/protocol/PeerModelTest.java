package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire;
import dev.tailbridge.testing.VirtualClock;
import dev.tailbridge.wireguard.protocol.ModelEnd.Wired;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Random events at both ends of a tunnel, each end held to its {@link ModelPeer} after every event.
 *
 * <p>The wire is in the hands of the events: they deliver, lose, repeat and reorder. The last
 * assertion is that the runs went through every row, so no row is believed that was not tried.
 */
class PeerModelTest {

  private static final EnumSet<ModelRow> SEEN = EnumSet.noneOf(ModelRow.class);
  private static final int DELIVERIES_IN_A_ROW = 30;
  private static final int IN_FLIGHT = 12;
  private static final int REMEMBERED = 60;

  private enum Kind {
    SEND,
    SEND_MANY,
    KEEPALIVE,
    INITIATE,
    OPEN_SIMULTANEOUSLY,
    REKEY,
    DELIVER_ALL,
    DELIVER_ONE,
    LOSE_ONE,
    LOSE_ALL,
    REPEAT,
    REPLAY,
    SKIP_COUNTER,
    PASS,
    PASS_CUT_OFF
  }

  private record Event(Kind kind, boolean atServer, int number) {
    /** Long times are rare. */
    int millis() {
      return number < 960 ? MILLIS[number % MILLIS.length] : LONG_MILLIS[number % 2];
    }

    @Override
    public String toString() {
      return kind + (atServer ? " server " : " device ") + number;
    }
  }

  private static final int[] MILLIS = {1, 15, 21, 400, 3_000, 5_400, 11_000, 50_000, 121_000};
  private static final int[] LONG_MILLIS = {170_000, 545_000};

  /** The last two are the last one that may be sent, and the first one that may not. */
  private static final long[] COUNTERS = {9_000, (1L << 60) - 1, -8194, -8193};

  @Provide
  Arbitrary<List<Event>> events() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(10, Kind.SEND),
            Tuple.of(1, Kind.SEND_MANY),
            Tuple.of(2, Kind.KEEPALIVE),
            Tuple.of(4, Kind.INITIATE),
            Tuple.of(2, Kind.OPEN_SIMULTANEOUSLY),
            Tuple.of(4, Kind.REKEY),
            Tuple.of(14, Kind.DELIVER_ALL),
            Tuple.of(8, Kind.DELIVER_ONE),
            Tuple.of(2, Kind.LOSE_ONE),
            Tuple.of(1, Kind.LOSE_ALL),
            Tuple.of(2, Kind.REPEAT),
            Tuple.of(3, Kind.REPLAY),
            Tuple.of(2, Kind.SKIP_COUNTER),
            Tuple.of(12, Kind.PASS),
            Tuple.of(5, Kind.PASS_CUT_OFF));
    return Combinators.combine(
            kinds, Arbitraries.of(true, false), Arbitraries.integers().between(0, 999))
        .as(Event::new)
        .list()
        .ofMinSize(50)
        .ofMaxSize(150);
  }

  @Property(tries = 60)
  void everyEventDoesWhatTheTablesSay(
      @ForAll("events") List<Event> events,
      @ForAll int seed,
      @ForAll boolean serverKeepsAlive,
      @ForAll boolean deviceKeepsAlive,
      @ForAll boolean serverKnowsTheDevice) {
    Run run = new Run(seed, serverKeepsAlive, deviceKeepsAlive, serverKnowsTheDevice);
    events.forEach(run::happen);
  }

  @AfterContainer
  static void everyRowWasSeen() {
    assertThat(EnumSet.complementOf(SEEN)).as("rows that no run went through").isEmpty();
  }

  /** Both ends and the datagrams between them. */
  private static final class Run {
    private final VirtualClock clock = new VirtualClock();
    private final BadWire wire;
    private final ModelEnd server;
    private final ModelEnd device;
    private final List<Wired> inFlight = new ArrayList<>();
    private final List<Wired> remembered = new ArrayList<>();
    private int numbers;

    Run(long seed, boolean serverKeepsAlive, boolean deviceKeepsAlive, boolean serverKnows) {
      wire = new BadWire(clock, seed);
      Duration serverKeepalive = Duration.ofSeconds(serverKeepsAlive ? 25 : 0);
      Duration deviceKeepalive = Duration.ofSeconds(deviceKeepsAlive ? 7 : 0);
      var serverEnd = new SimulatedEndpoint(clock, wire, Pair.SERVER, seed + 1);
      var deviceEnd = new SimulatedEndpoint(clock, wire, Pair.DEVICE, seed + 2);
      server = new ModelEnd(serverEnd, true, SEEN, () -> ++numbers, serverKeepalive, serverKnows);
      device = new ModelEnd(deviceEnd, false, SEEN, () -> ++numbers, deviceKeepalive, true);
      wire.detach(Pair.SERVER);
      wire.detach(Pair.DEVICE);
      server.peer(
          device, deviceEnd.key.publicKey(), serverKnows ? Pair.DEVICE : null, serverKeepalive);
      device.peer(server, serverEnd.key.publicKey(), Pair.SERVER, deviceKeepalive);
      check();
    }

    void happen(Event event) {
      ModelEnd end = event.atServer() ? server : device;
      switch (event.kind()) {
        case SEND -> end.send();
        case SEND_MANY -> {
          for (int i = 0; i < 131; i++) {
            end.send();
          }
        }
        case KEEPALIVE -> end.sendKeepalive();
        case INITIATE -> end.initiate();
        case OPEN_SIMULTANEOUSLY -> {
          server.initiate();
          device.initiate();
        }
        case REKEY -> {
          pass(5_400_000_000L, false);
          final int older = inFlight.size();
          end.initiate();
          check();
          deliverFrom(older);
        }
        case DELIVER_ALL -> deliverFrom(0);
        case DELIVER_ONE -> takeAny(event.number()).forEach(this::deliver);
        case LOSE_ONE -> takeAny(event.number());
        case LOSE_ALL -> inFlight.clear();
        case REPEAT -> {
          if (!inFlight.isEmpty()) {
            inFlight.add(inFlight.get(event.number() % inFlight.size()));
          }
        }
        case REPLAY -> {
          if (!remembered.isEmpty()) {
            deliver(remembered.get(event.number() % remembered.size()));
          }
        }
        case SKIP_COUNTER -> end.skipTo(COUNTERS[event.number() % COUNTERS.length]);
        case PASS -> pass(event.millis() * 1_000_000L + event.number(), true);
        case PASS_CUT_OFF -> pass(event.millis() * 1_000_000L + event.number(), false);
      }
      check();
    }

    /** Delivers all but the datagrams that have been in flight longest, and the answers to them. */
    private void deliverFrom(int first) {
      for (int i = 0; i < DELIVERIES_IN_A_ROW && inFlight.size() > first; i++) {
        deliver(inFlight.remove(first));
        check();
      }
    }

    private List<Wired> takeAny(int number) {
      return inFlight.isEmpty() ? List.of() : List.of(inFlight.remove(number % inFlight.size()));
    }

    private void deliver(Wired wired) {
      (wired.datagram().to().equals(Pair.SERVER) ? server : device).receive(wired);
    }

    /** Lets time go by, with a wire that delivers at once or not at all. */
    private void pass(long nanos, boolean delivers) {
      long end = clock.nowNanos() + nanos;
      while (clock.nowNanos() < end) {
        clock.advanceTo(Math.min(end, Math.min(server.deadline(), device.deadline())));
        server.expire();
        device.expire();
        check();
        deliverFrom(delivers ? 0 : inFlight.size());
      }
    }

    private void check() {
      var sent = wire.takeSent();
      List<Wired> wired = new ArrayList<>(server.check(Pair.from(Pair.SERVER, sent)));
      wired.addAll(device.check(Pair.from(Pair.DEVICE, sent)));
      inFlight.addAll(wired);
      remembered.addAll(wired);
      while (remembered.size() > REMEMBERED) {
        remembered.remove(0);
      }
      // The rest is lost: else long cuts would fill the wire with initiations of old.
      while (inFlight.size() > IN_FLIGHT) {
        inFlight.remove(0);
      }
    }
  }
}
