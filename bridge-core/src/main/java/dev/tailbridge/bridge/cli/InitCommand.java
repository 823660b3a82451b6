package dev.tailbridge.bridge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DnsLabel;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.Problem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code bridge init}: writes a first configuration and prints the access rules that go with it.
 */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = {
      "Writes a first configuration, and prints the access rules for the control server.",
      "What it must know and no option says, it asks, if there is a terminal. It overwrites nothing."
    })
final class InitCommand implements Callable<Integer> {
  private static final String DEFAULT_TAG = "tag:esp32";

  @Spec private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "devices.toml",
      description = "The file to write; ${DEFAULT-VALUE} unless it is said.")
  private Path file = Path.of("devices.toml");

  @Option(
      names = "--endpoint",
      paramLabel = "HOST:PORT",
      description = "What devices dial: a name or address of this machine that they can reach.")
  private @Nullable String endpoint;

  @Option(
      names = "--control-url",
      paramLabel = "URL",
      description = "The address of a Headscale; left out, it is Tailscale.")
  private @Nullable String controlUrl;

  @Option(
      names = "--auth-key-file",
      paramLabel = "FILE",
      description = "A file with a reusable auth key, or with the secret of an OAuth client.")
  private @Nullable Path authKeyFile;

  @Option(names = "--tailnet", paramLabel = "NAME", description = "Your name for the tailnet.")
  private String tailnet = "home";

  @Option(names = "--network", paramLabel = "CIDR", description = "The network in the tunnel.")
  private @Nullable String network;

  @Option(names = "--tag", paramLabel = "TAG", description = "The tag of the devices' machines.")
  private @Nullable String tag;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private final Console console;
  private final Function<String, @Nullable String> environment;

  InitCommand(Console console, Function<String, @Nullable String> environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws EditException {
    if (Files.exists(file)) {
      throw exists();
    }
    DnsLabel.require(tailnet); // before it becomes the name of a file
    boolean asking = console.prompt().isThere();
    if (endpoint == null && !asking) {
      throw new ParameterException(
          command.commandLine(),
          "--endpoint is missing: what devices dial, as in --endpoint bridge.example.net:51820");
    }
    String dialled =
        endpoint != null
            ? endpoint
            : withPort(
                console
                    .prompt()
                    .ask("Public name or address of this machine, as devices dial it:"));
    String control =
        controlUrl == null && asking
            ? console.prompt().ask("Address of your Headscale (empty: Tailscale):")
            : controlUrl;
    control = control == null || control.isEmpty() ? null : control;
    String secret =
        authKeyFile == null && asking
            ? console.prompt().askSecret("Auth key or OAuth client secret (empty: log in by hand):")
            : "";
    FirstConfig.Credential credential = credential(secret);
    boolean client = credential != null && credential.key().startsWith("oauth");
    String asked = tag != null ? tag : client ? DEFAULT_TAG : null;
    String text = new FirstConfig(dialled, network, tailnet, control, credential, asked).toString();
    write(
        text,
        secret.isEmpty() ? null : file.toAbsolutePath().resolveSibling(tailnet + ".key"),
        secret);
    String policyTag = asked == null ? DEFAULT_TAG : asked;
    report(
        control == null ? Policy.tailscale(policyTag) : Policy.headscale(policyTag),
        control,
        credential != null,
        policyTag);
    return ExitCode.OK;
  }

  /** A host without a port is dialled at the usual one. */
  private static String withPort(String host) {
    return host.matches(".*[^:]:\\d+|\\[.*\\]:\\d+") ? host : host + ":51820";
  }

  private FirstConfig.@Nullable Credential credential(String secret) throws EditException {
    if (authKeyFile != null) {
      try {
        String given = Files.readString(authKeyFile).strip();
        return new FirstConfig.Credential(
            key(given), authKeyFile.toAbsolutePath().normalize().toString());
      } catch (IOException e) {
        throw new EditException(authKeyFile + " cannot be read; nothing was written", e);
      }
    }
    return secret.isEmpty() ? null : new FirstConfig.Credential(key(secret), tailnet + ".key");
  }

  private static String key(String secret) {
    return secret.startsWith("tskey-client-") ? "oauth_client_secret_file" : "auth_key_file";
  }

  private void write(String text, @Nullable Path keyFile, String secret) throws EditException {
    boolean kept = false;
    if (keyFile != null) {
      SecretFile.write(keyFile, (secret + "\n").getBytes(UTF_8));
    }
    try {
      ConfigReader.check(file, text, environment);
      Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
      kept = true;
    } catch (ConfigException e) {
      throw new EditException(
          e.problems().stream().map(Problem::message).collect(Collectors.joining("; ")), e);
    } catch (FileAlreadyExistsException e) {
      throw exists();
    } catch (IOException e) {
      throw new EditException(file + " cannot be written: " + e.getMessage(), e);
    } finally {
      if (keyFile != null && !kept) {
        delete(keyFile);
      }
    }
  }

  private static void delete(Path keyFile) throws EditException {
    try {
      Files.deleteIfExists(keyFile);
    } catch (IOException e) {
      throw new EditException(keyFile + " is left over; remove it", e);
    }
  }

  private EditException exists() {
    return new EditException(
        file + " exists already and was not touched; add devices with bridge device add NAME");
  }

  private void report(String policy, @Nullable String control, boolean hasKey, String policyTag) {
    if (json) {
      JsonObject answer = new JsonObject();
      answer.addProperty("file", file.toString());
      answer.addProperty("policy", policy);
      console.print(answer.toString());
      return;
    }
    console.error("wrote " + file);
    console.error(
        control == null
            ? "paste this under Access controls at https://login.tailscale.com/admin/acls:"
            : "give this to Headscale, as file: headscale policy set --file policy.hujson");
    console.printExactly(policy);
    if (!hasKey) {
      console.error(
          control == null
              ? "a key spares you a login for each device: an OAuth client with the scope auth_keys"
                  + " and the tag "
                  + policyTag
                  + ", in oauth_client_secret_file"
              : "a key spares you a login for each device: headscale preauthkeys create --reusable"
                  + " --tags "
                  + policyTag
                  + ", in auth_key_file");
    }
    console.error("next: java -jar bridge.jar device add NAME --config " + file);
  }
}
