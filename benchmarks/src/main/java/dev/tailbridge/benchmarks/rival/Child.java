package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that speaks the lab's line protocol: started here, ended with this. One command at a
 * time.
 */
final class Child implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;
  private final BufferedWriter in;
  private final JsonObject ready;

  private Child(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    ready = read();
  }

  /** A part of the lab. */
  static Child lab(Path program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    return new Child(command);
  }

  /** A {@code main} of ours, on the JVM and class path that this runs on. */
  static Child java(Class<?> main, List<String> flags, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new Child(command);
  }

  /** The first line. */
  JsonObject ready() {
    return ready;
  }

  /** One command and its answer. */
  JsonObject call(String command) throws IOException {
    begin(command);
    return end();
  }

  /** A command whose answer {@link #end} awaits: meanwhile something else can be asked. */
  void begin(String command) throws IOException {
    in.write(command);
    in.newLine();
    in.flush();
  }

  JsonObject end() throws IOException {
    JsonObject answer = read();
    if (answer.has("error")) {
      throw new IOException(answer.get("error").getAsString());
    }
    return answer;
  }

  private JsonObject read() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the process ended: " + process.info().commandLine().orElse("?"));
    }
    return JsonParser.parseString(line).getAsJsonObject();
  }

  /** Processor seconds, user and system, of all its threads so far. */
  double cpuSeconds() throws IOException {
    return Usage.cpuSeconds(pid());
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
