package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A part of the test bench, as a child process driven by lines. */
final class Lab implements AutoCloseable {

  static final String AUTH_KEY = "lab-key";

  private static final Path BINARY = Path.of("target/go/bin/lab");

  private final Process process;
  private final BufferedReader out;
  private final Writer in;
  private final JsonObject ready;

  private Lab(Process process) throws IOException {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.ready = read();
  }

  /** A control plane that refuses every key but {@link #AUTH_KEY}, with its relay. */
  static Lab control() throws IOException {
    return start("control", "-require-auth-key", AUTH_KEY);
  }

  static Lab start(String... arguments) throws IOException {
    if (!Files.isExecutable(BINARY)) {
      throw new IOException(BINARY.toAbsolutePath() + " is missing: build it by `go/build lab`");
    }
    List<String> command = new ArrayList<>(List.of(BINARY.toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    return new Lab(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  String controlUrl() {
    return ready.get("controlUrl").getAsString();
  }

  /** Sends a command and returns its answer. */
  JsonObject command(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
    return read();
  }

  private JsonObject read() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the lab ended");
    }
    return JsonParser.parseString(line).getAsJsonObject();
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
