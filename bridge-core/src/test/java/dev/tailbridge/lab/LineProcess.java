package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that answers commands: one line in, one JSON line out; its standard error goes to a
 * file.
 *
 * <p>Commands are asked one at a time, or all at once; the process ends when its standard input
 * does.
 */
public final class LineProcess implements AutoCloseable {

  private final String name;
  private final Process process;
  private final OutputStream input;
  private final Path log;
  private final BlockingQueue<JsonObject> answers = new LinkedBlockingQueue<>();

  private LineProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.input = process.getOutputStream();
    this.log = log;
    Thread reader = new Thread(this::readAnswers, name + "-answers");
    reader.setDaemon(true);
    reader.start();
  }

  public static LineProcess start(
      String name, List<String> command, Map<String, String> environment, Path folder) {
    try {
      Files.createDirectories(folder);
      Path log = folder.resolve(name + ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .directory(folder.toFile());
      builder.environment().putAll(environment);
      return new LineProcess(name, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** The line that the process prints when it is ready. */
  public JsonObject ready(Duration limit) {
    return next("to become ready", limit);
  }

  /** Sends one command and waits for its answer. */
  public synchronized JsonObject ask(String command, Duration limit) {
    tell(command);
    return next("to answer '" + command + "'", limit);
  }

  /** Sends all commands at once, which then wait side by side; the answers are in their order. */
  public synchronized List<JsonObject> askAtOnce(List<String> commands, Duration limit) {
    for (int i = 0; i < commands.size(); i++) {
      tell("&" + i + " " + commands.get(i));
    }
    JsonObject[] answered = new JsonObject[commands.size()];
    for (int i = 0; i < answered.length; i++) {
      JsonObject answer = next("to answer " + commands, limit);
      answered[answer.get("id").getAsInt()] = answer;
    }
    return List.of(answered);
  }

  /** Sends one command without waiting; {@link #answer} takes its answer. */
  public synchronized void tell(String command) {
    try {
      input.write((command + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException e) {
      throw new IllegalStateException(name + " is gone: " + tail(), e);
    }
  }

  public JsonObject answer(Duration limit) {
    return next("to answer", limit);
  }

  public long pid() {
    return process.pid();
  }

  private JsonObject next(String what, Duration limit) {
    try {
      JsonObject answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null) {
        throw new IllegalStateException(
            "waited " + limit.toSeconds() + " s for " + name + " " + what + ": " + tail());
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void readAnswers() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      @Nullable String line;
      while ((line = reader.readLine()) != null) {
        answers.add(JsonParser.parseString(line).getAsJsonObject());
      }
    } catch (IOException | RuntimeException e) {
      JsonObject broken = new JsonObject();
      broken.addProperty("error", name + " printed something else than JSON: " + e.getMessage());
      answers.add(broken);
    }
  }

  private String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(no log)";
    }
  }

  @Override
  public void close() {
    try {
      input.close();
    } catch (IOException e) {
      // It has ended already: there is nothing left to tell it.
    }
    Processes.end(process);
  }
}
