package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.Answers;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ports and callers of a spliced and of a routed device, with machines of two users on Headscale,
 * whose own rules let everybody in.
 */
@SideBySide
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AccessIT {

  private static final String[] ACCESS = {
    "ports = { tcp = [\"8080:80\"], udp = [\"5007:7\"] }", "allow = [\"alice@\", \"tag:ops\"]"
  };

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");
  private final List<LabDevice> devices = List.of(greenhouse, doorbell);
  private Headscale control;
  private BridgeProcess bridge;
  private LabClient alice;
  private LabClient bob;

  @BeforeAll
  void startAll(@TempDir Path folder) {
    control = Headscale.prompt(folder);
    String key = control.authKey("chips");
    // The rules can name only users that exist.
    assertThat(control.authKey("alice")).isNotEmpty();
    control.policy(
        """
        {"tagOwners": {"tag:ops": ["alice@"]},
         "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}
        """);
    BridgeFiles files = new BridgeFiles(folder.resolve("bridge")).tailnet("home", control, key);
    files
        .device(greenhouse, "home", ACCESS)
        .device(doorbell, "home", "tcp = \"routed\"", ACCESS[0], ACCESS[1]);
    bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
    devices.forEach(d -> d.start(bridge.publicKey(), files.wireGuardPort(), folder));
    alice = new LabClient(control, "alice", "desk", /* derpOnly= */ false, folder);
    bob = new LabClient(control, "bob", "sofa", /* derpOnly= */ false, folder);
    for (LabDevice device : devices) {
      bridge.awaitOnline(device.name());
      alice.meet(device.name());
      bob.meet(device.name());
    }
  }

  @AfterAll
  void stopAll() {
    bob.close();
    alice.close();
    devices.forEach(LabDevice::close);
    bridge.close();
    control.close();
  }

  @Test
  @Order(1)
  void whoIsNamedReachesTheDeviceUnderItsMappedPorts() {
    for (LabDevice device : devices) {
      JsonObject page = fine(alice.ask("get http://" + device.name() + ":8080/"));
      JsonObject again = fine(alice.ask("get http://" + device.name() + ":8080/"));
      System.out.printf(
          "access: %s answers after %s ms, and %s ms once the caller is known%n",
          device.name(), page.get("ms"), again.get("ms"));
      assertThat(page.get("body").getAsString()).contains(device.name());
      fine(alice.ask("udp " + device.name() + ":5007 hello timeout=20"));
      fine(alice.ask("udp [" + address(device, 1) + "]:5007 hello timeout=20"));
      fine(alice.ask("ping " + address(device, 0) + " timeout=20"));
      assertThat(drops(device)).doesNotContain("caller_denied", "port_closed");
    }
    fine(alice.ask("get http://[" + address(greenhouse, 1) + "]:8080/"));
  }

  @Test
  @Order(2)
  void theDevicesOwnPortsAreClosedForEverybody() {
    List<String> questions = new ArrayList<>();
    for (LabDevice device : devices) {
      questions.add("tcp " + device.name() + ":80 timeout=2");
      questions.add("udp " + device.name() + ":7 hello timeout=1");
    }
    questions.add("tcp [" + address(doorbell, 1) + "]:80 timeout=2");
    assertSilent(alice, questions, "timeout");
    for (LabDevice device : devices) {
      assertThat(drops(device)).contains("port_closed");
    }
  }

  @Test
  @Order(3)
  void whoIsNotNamedMeetsSilence() {
    List<String> pings = new ArrayList<>();
    for (int family = 0; family < 2; family++) {
      List<String> calls = new ArrayList<>();
      for (LabDevice device : devices) {
        calls.add("tcp " + host(device, family) + ":8080 timeout=2");
        calls.add("udp " + host(device, family) + ":5007 hello timeout=1");
        pings.add("ping " + address(device, family) + " timeout=1");
      }
      assertSilent(bob, calls, "timeout");
    }
    assertSilent(bob, pings, "no answer");
    for (LabDevice device : devices) {
      assertThat(drops(device)).contains("caller_denied").doesNotContain("caller_unknown");
    }
    assertThat(bridge.log()).contains("denied bob (sofa.bridge.test) at " + bob.ip4());
    assertThat(bridge.log().lines().filter(line -> line.contains("denied bob"))).hasSize(2);
  }

  /** What the device itself begins is nobody else's call. */
  @Test
  @Order(4)
  void theDeviceReachesWhoMayNotCallIt() {
    for (LabDevice device : devices) {
      fine(device.ask("get http://" + bob.dnsName() + "/"));
    }
  }

  @Test
  @Order(5)
  void theApiSaysWhatIsInForce() {
    JsonObject device = bridge.device("greenhouse");
    assertThat(device.get("ports"))
        .hasToString("{\"tcp\":[\"8080:80\"],\"udp\":[\"5007:7\"],\"ping\":true}");
    assertThat(device.get("allow")).hasToString("[\"alice@\",\"tag:ops\"]");
  }

  @Test
  @Order(5)
  void theApiShowsTheWayToEachMachine() {
    JsonObject peer =
        Awaitility.await("alice's machine, with an answer to a ping")
            .atMost(Duration.ofSeconds(60))
            .until(this::alicesMachine, seen -> seen.has("rttMillis"));
    assertThat(peer.get("addresses").toString()).contains(alice.ip4());
    assertThat(peer.get("online").getAsBoolean()).isTrue();
    assertThat(peer.get("rxBytes").getAsLong()).isPositive();
    assertThat(peer.has("direct") || peer.has("derp")).as(peer.toString()).isTrue();
    assertThat(peer.get("rttMillis").getAsDouble()).isBetween(0.01, 2000.0);
  }

  private JsonObject alicesMachine() {
    for (JsonElement element : bridge.peers("greenhouse")) {
      JsonObject peer = element.getAsJsonObject();
      if (peer.get("name").getAsString().equals(alice.dnsName())) {
        return peer;
      }
    }
    throw new AssertionError("alice's machine is not among " + bridge.peers("greenhouse"));
  }

  /** The tailnet changes, so what was known of the caller is forgotten long before its minute. */
  @Test
  @Order(6)
  void aTagThatIsNamedOpensTheDeviceAtOnce() {
    String id = "";
    for (JsonElement node : control.nodes()) {
      if (node.getAsJsonObject().get("name").getAsString().equals("sofa")) {
        id = node.getAsJsonObject().get("id").getAsString();
      }
    }
    long begin = System.nanoTime();
    control.command("nodes", "tag", "-i", id, "-t", "tag:ops");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Answers.fine(bob.ask("get http://doorbell:8080/ timeout=1")));
    System.out.printf(
        "access: the tag let bob in after %d ms%n", (System.nanoTime() - begin) / 1_000_000);
    fine(bob.ask("get http://greenhouse:8080/"));
  }

  private String address(LabDevice device, int family) {
    return bridge
        .device(device.name())
        .get("tailnetAddresses")
        .getAsJsonArray()
        .get(family)
        .getAsString();
  }

  private String host(LabDevice device, int family) {
    String address = address(device, family);
    return family == 0 ? address : "[" + address + "]";
  }

  private Set<String> drops(LabDevice device) {
    return bridge.device(device.name()).get("drops").getAsJsonObject().keySet();
  }

  private static void assertSilent(LabClient client, List<String> questions, String silence) {
    assertThat(client.askAtOnce(questions))
        .as(questions.toString())
        .allMatch(answer -> answer.get("result").getAsString().equals(silence));
  }

  private static JsonObject fine(JsonObject answer) {
    assertThat(Answers.fine(answer)).as(answer.toString()).isTrue();
    return answer;
  }
}
