package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class StatusTableTest {

  @Test
  void columnsAreAlignedAndRemarksFollow() {
    assertThat(
            table(
                """
                {"devices": [
                  {"name": "greenhouse", "state": "online", "reason": "",
                   "tailnetName": "greenhouse.example.ts.net",
                   "tailnetAddresses": ["100.64.0.3", "fd7a::3"], "endpoint": "192.0.2.1:4711",
                   "lastHandshake": "2026-11-24T15:59:48Z", "rxBytes": 999, "txBytes": 1234567},
                  {"name": "hall", "state": "waiting for login",
                   "reason": "somebody must let the node into the tailnet",
                   "loginUrl": "https://login.example.net/a/1", "tailnetAddresses": [],
                   "rxBytes": 0, "txBytes": 999999},
                  {"name": "shed", "state": "waiting for device", "tailnetAddresses": [],
                   "lastHandshake": "2026-11-21T15:59:48Z", "rxBytes": 12345, "txBytes": 1}]}
                """))
        .isEqualTo(
            """
            NAME        STATE               TAILNET NAME               ADDRESSES           ENDPOINT        HANDSHAKE  RECEIVED  SENT
            greenhouse  online              greenhouse.example.ts.net  100.64.0.3 fd7a::3  192.0.2.1:4711  12 s ago   999 B     1.2 MB
            hall        waiting for login   -                          -                   -               never      0 B       1.0 MB
            shed        waiting for device  -                          -                   -               3 d ago    12 kB     1 B

            hall: somebody must let the node into the tailnet
            hall: log in at https://login.example.net/a/1
            """);
  }

  @Test
  void theSidecarStandsBelow() {
    String status =
        """
        {"devices": [], "process": {"sidecar": {"pid": 42, "running": %s, "restarts": %s,
          "residentBytes": 45000000}}}
        """;
    assertThat(table(status.formatted(true, 0)))
        .endsWith("\nsidecar: process 42 holds its tailnets' nodes, 45 MB\n");
    assertThat(table(status.formatted(true, 3)))
        .endsWith(
            "\nsidecar: process 42 holds its tailnets' nodes, 45 MB, started again 3 times\n");
    assertThat(table(status.formatted(false, 3))).contains("\nsidecar: it has ended, and is about");
  }

  @Test
  void whatSomebodyCanMendStandsBelow() {
    assertThat(
            table(
                    """
                {"underLoad": true, "clockProblem": "it shows 1970", "drops": {"bad_mac1": 4, "unknown_key": 2},
                 "unknownKeys": [{"publicKey": "AbC=", "source": "192.0.2.9:1024", "times": 2,
                   "last": "2026-11-24T15:59:00Z"}],
                 "devices": [{"name": "hall", "state": "online", "reason": "",
                   "drops": {"caller_denied": 3, "not_a_flow": 9, "port_closed": 12}, "findings": [
                   {"kind": "stale_clock", "text": "its clock is at 1970: enable SNTP",
                    "times": 14, "last": "2026-11-24T15:50:00Z"},
                   {"kind": "preshared_key", "text": "is it \\u001b[31m the same?", "times": 1,
                    "last": "2026-11-24T14:00:00Z"}]}]}
                """)
                .lines()
                .skip(2))
        .containsExactly(
            "",
            "hall: turned away by its ports or allow: 3 caller_denied, 12 port_closed",
            "hall: its clock is at 1970: enable SNTP (14 times, last 10 min ago)",
            "hall: is it ?[31m the same? (2 h ago)",
            "unknown public key AbC= from 192.0.2.9:1024: if it is yours, add a [[device]] with it"
                + " (2 times, last 60 s ago)",
            "this host's clock is wrong: it shows 1970",
            "handshakes pile up: senders must prove their address first",
            "dropped at the WireGuard side: 4 bad_mac1, 2 unknown_key");
  }

  @Test
  void ages() {
    assertThat(age("2026-11-24T16:00:05Z")).isEqualTo("0 s ago");
    assertThat(age("2026-11-24T15:58:01Z")).isEqualTo("119 s ago");
    assertThat(age("2026-11-24T15:58:00Z")).isEqualTo("2 min ago");
    assertThat(age("2026-11-24T14:00:00Z")).isEqualTo("2 h ago");
    assertThat(age("yesterday")).isEqualTo("yesterday");
  }

  private static String age(String handshake) {
    String row =
        table("{\"devices\":[{\"lastHandshake\":\"" + handshake + "\"}]}").lines().toList().get(1);
    return row.replaceAll("^(- +)*|( +-)*$", "");
  }

  @Test
  void nothingSteersTheTerminal() {
    assertThat(table("{\"devices\":[{\"name\":\"\\u001b[31m\"}]}"))
        .contains("?[31m")
        .doesNotContain("\u001b");
  }

  @Test
  void noDevices() {
    assertThat(table("{\"devices\":[]}")).isEqualTo("the bridge has no devices\n");
  }

  @Test
  void whatDevicesMustKnowComesFirst() {
    assertThat(
            table("{\"publicKey\":\"AbC=\",\"endpoint\":\"b.example.net:51820\",\"devices\":[]}"))
        .isEqualTo(
            "public key AbC=, devices dial b.example.net:51820\n\nthe bridge has no devices\n");
    assertThat(table("{\"publicKey\":\"AbC=\",\"devices\":[]}")).startsWith("public key AbC=\n");
  }

  private static String table(String json) {
    return new StatusTable(
            JsonParser.parseString(json).getAsJsonObject(), Instant.parse("2026-11-24T16:00:00Z"))
        .toString();
  }
}
