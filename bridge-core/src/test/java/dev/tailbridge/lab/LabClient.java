package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code lab client}: a machine of the tailnet, an ordinary tsnet program. */
public final class LabClient implements AutoCloseable {

  /** Longer than any of its commands waits by itself. */
  private static final Duration LIMIT = Duration.ofMinutes(6);

  private final LineProcess process;
  private final JsonObject ready;

  public LabClient(
      ControlPlane control, String user, String hostname, boolean derpOnly, Path folder) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Binaries.lab().toString(),
                "client",
                "-control",
                control.url(),
                "-auth-key",
                control.authKey(user),
                "-hostname",
                hostname,
                "-dir",
                folder.resolve("client-" + hostname).toString()));
    if (derpOnly) {
      command.add("-derp-only");
    }
    process = LineProcess.start("client-" + hostname, command, Map.of(), folder);
    ready = process.ready(Duration.ofSeconds(90)); // it gives up itself after a minute
  }

  /**
   * Waits until it knows a machine of that name and reaches it: the first packets to one may be
   * lost while the ends find each other, and who is asked once by UDP or ICMP would not answer.
   */
  public void meet(String name) {
    JsonObject known = ask("wait " + name + " timeout=60");
    if (known.has("error")) {
      throw new IllegalStateException(known.toString());
    }
    for (int tries = 0; !Answers.fine(ask("tsmp " + name)); tries++) {
      if (tries == 30) {
        throw new IllegalStateException(name + " is known and cannot be reached");
      }
    }
  }

  public String ip4() {
    return ready.get("ip4").getAsString();
  }

  public String dnsName() {
    String name = ready.get("dnsName").getAsString();
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  public JsonObject ask(String command) {
    return process.ask(command, LIMIT);
  }

  /** Asks all at once; the answers are in the order of the questions. */
  public List<JsonObject> askAtOnce(List<String> commands) {
    return process.askAtOnce(commands, LIMIT);
  }

  public LineProcess process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }
}
