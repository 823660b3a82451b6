package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bridge healthz}: what a container asks to know whether its bridge lives. */
@Command(
    name = "healthz",
    description = {
      "Asks the running bridge whether its event loops turn, and ends with 0 if they do:",
      "for the health check of a container, which has no other program to ask with."
    })
final class HealthzCommand extends ConfiguredCommand {
  @Option(
      names = "--ready",
      description = "Ask whether the bridge is past its start, and does not end, instead.")
  private boolean ready;

  HealthzCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException {
    AdminClient client;
    if (config.isThere() || environment.apply("WG_PRIVATE_KEY") == null) {
      client = new AdminClient(config.read(environment).config().admin());
    } else {
      // A bridge that the environment configures: it has no file, and answers where that says.
      String port = environment.apply("HEALTH_PORT");
      if (port == null || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
        console.print("nobody can be asked without HEALTH_PORT");
        return ExitCode.OK;
      }
      client =
          new AdminClient(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)));
    }
    try {
      HttpResponse<String> answer = client.ask(ready ? "/readyz" : "/healthz");
      boolean fine = answer.statusCode() == 200;
      String said = AdminClient.said(answer);
      if (json) {
        console.print("{\"fine\":" + fine + ",\"status\":" + answer.statusCode() + "}");
      } else if (fine) {
        console.print(said);
      } else {
        console.error("bridge: " + said);
      }
      return fine ? ExitCode.OK : ExitCode.FAILED;
    } catch (IOException e) {
      console.error("bridge: " + e.getMessage());
      return ExitCode.NOT_REACHABLE;
    }
  }
}
