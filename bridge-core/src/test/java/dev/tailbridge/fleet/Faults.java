package dev.tailbridge.fleet;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LineProcess;
import dev.tailbridge.wireguard.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** What goes wrong with a fleet on a real Headscale. */
final class Faults {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String REFUSED = "refused";

  private final FleetRig rig;
  private final BridgeProcess bridge;
  private int churned;
  private int struck;

  Faults(FleetRig rig, BridgeProcess bridge) {
    this.rig = rig;
    this.bridge = bridge;
    rig.files()
        .device(
            REFUSED,
            PrivateKey.generate(new SecureRandom()).publicKey(),
            "10.6.255.1",
            "home",
            "auth_key = \"hskey-auth-" + "k".repeat(12) + "-" + "s".repeat(64) + "\"")
        .without(Set.of(REFUSED));
  }

  /** All but {@link #churn}, in the order in which they happen. */
  List<Fault> all() {
    return List.of(
        new ControlAway(),
        new RelayRestart(),
        new Lost("a key that ended", Faults::expire),
        new Lost("a machine that was deleted", Faults::delete),
        new Refused());
  }

  /** A tenth of the devices, the next one each time. */
  Fault churn() {
    List<String> names = rig.names();
    Set<String> tenth = new HashSet<>();
    for (int i = 0; i < (names.size() + 9) / 10; i++) {
      tenth.add(names.get(churned++ % names.size()));
    }
    return new Churn(tenth);
  }

  private void await(String what, BooleanSupplier wished) {
    rig.await(() -> what + "; the bridge's log:\n" + bridge.log(), wished);
  }

  private void awaitDevice(String name, String what, Predicate<JsonObject> wished) {
    await(name + " is to be " + what, () -> wished.test(bridge.device(name)));
  }

  private static boolean isOnline(JsonObject device) {
    return device.get("state").getAsString().equals("online");
  }

  private static String seconds(long since) {
    return String.format("%.1f s", (System.nanoTime() - since) / 1e9);
  }

  /** By editing the file, as their owner would. */
  private final class Churn implements Fault {
    private final Set<String> tenth;

    Churn(Set<String> tenth) {
      this.tenth = tenth;
    }

    @Override
    public String name() {
      return tenth.size() + " devices that go and come";
    }

    @Override
    public Set<String> concerned() {
      return tenth;
    }

    @Override
    public String happen(Prober others) {
      Set<String> gone = new HashSet<>(tenth);
      gone.add(REFUSED);
      final int all = rig.names().size();
      long began = System.nanoTime();
      rig.files().without(gone).write();
      await("they are to go", () -> FleetRig.online(bridge) == all - tenth.size());
      String going = seconds(began);
      began = System.nanoTime();
      rig.files().without(Set.of(REFUSED)).write();
      rig.awaitOnline(bridge);
      return "gone after " + going + ", back after " + seconds(began);
    }
  }

  /** Nobody is concerned: who is connected stays so. */
  private final class ControlAway implements Fault {
    @Override
    public String name() {
      return "a control server that is away";
    }

    @Override
    public Set<String> concerned() {
      return Set.of();
    }

    @Override
    public String happen(Prober others) throws InterruptedException {
      long began = System.nanoTime();
      rig.control().suspend();
      others.await(others.rounds() + 2);
      String away = seconds(began);
      rig.control().resume();
      began = System.nanoTime();
      await("all machines are to be with the control server", this::allThere);
      return "for " + away + ", with all again after " + seconds(began);
    }

    private boolean allThere() {
      int there = 0;
      for (JsonElement node : rig.control().nodes()) {
        JsonElement online = node.getAsJsonObject().get("online");
        there += online != null && online.getAsBoolean() ? 1 : 0;
      }
      return there == rig.names().size() + 1; // and the laptop
    }
  }

  /**
   * Nobody is concerned: direct paths are there already. An outage would be another matter: as long
   * as it lasts each node looks for its relay for some 15 ms of a processor's time a second.
   */
  private final class RelayRestart implements Fault {
    private final LineProcess relay = rig.control().relay();

    @Override
    public String name() {
      return "a relay that starts again";
    }

    @Override
    public Set<String> concerned() {
      return Set.of();
    }

    @Override
    public String happen(Prober others) {
      final int clients = connections();
      long began = System.nanoTime();
      relay.ask("derp restart", SOON);
      await("all machines are to be with their relay", () -> connections() >= clients);
      return "all with it again after " + seconds(began);
    }

    private int connections() {
      return relay.ask("relayed", SOON).get("connections").getAsInt();
    }
  }

  /** Ends the key of a machine. */
  private static void expire(Headscale control, String machine) {
    control.expire(machine, Instant.now().minusSeconds(60));
  }

  /**
   * Deletes a machine, whose node hears of it when it next asks for something: with Headscale that
   * may be hours later, so the server starts again.
   */
  private static void delete(Headscale control, String machine) {
    control.delete(machine);
    control.suspend();
    control.resume();
  }

  /** The control server no longer takes a machine, which has an auth key that is still good. */
  private final class Lost implements Fault {
    private final String name;
    private final BiConsumer<Headscale, String> loss;
    private final String machine = rig.names().get(struck++ % rig.names().size());

    Lost(String name, BiConsumer<Headscale, String> loss) {
      this.name = name;
      this.loss = loss;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Set<String> concerned() {
      return Set.of(machine);
    }

    @Override
    public String happen(Prober others) {
      long began = System.nanoTime();
      loss.accept(rig.control(), machine);
      awaitDevice(machine, "out", device -> !isOnline(device));
      String out = seconds(began);
      began = System.nanoTime();
      awaitDevice(machine, "back", Faults::isOnline);
      return "out after " + out + ", back after " + seconds(began);
    }
  }

  /** A device whose auth key nobody knows. */
  private final class Refused implements Fault {
    @Override
    public String name() {
      return "a device that is refused";
    }

    @Override
    public Set<String> concerned() {
      return Set.of(REFUSED);
    }

    @Override
    public String happen(Prober others) {
      rig.files().without(Set.of()).write();
      awaitDevice(
          REFUSED,
          "failed",
          device -> device.has("state") && device.get("state").getAsString().equals("failed"));
      String reason = bridge.device(REFUSED).get("reason").getAsString();
      rig.files().without(Set.of(REFUSED)).write();
      await("it is to go", () -> !FleetRig.isThere(bridge, REFUSED));
      return "it says \"" + reason + "\"";
    }
  }
}
