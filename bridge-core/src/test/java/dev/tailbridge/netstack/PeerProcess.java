package dev.tailbridge.netstack;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.LineProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Somebody else's TCP in a process of its own, {@code src/test/c}: its packets, its commands. */
final class PeerProcess implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(150);

  /** What the build script ends with when something cannot be had here. */
  private static final int CANNOT = 75;

  private final LineProcess process;

  private PeerProcess(LineProcess process) {
    this.process = process;
  }

  /**
   * Builds the program if that was not done yet; skips the test, with the reason, where it cannot
   * be built.
   */
  static Path build(String kind) throws Exception {
    Path module = Binaries.bridgeCore();
    Path folder = Files.createDirectories(module.resolve("target/peers"));
    Path log = folder.resolve("build-" + kind + ".log");
    Process build =
        new ProcessBuilder(module.resolve("src/test/c/build").toString(), kind, folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = build.waitFor(3, TimeUnit.MINUTES);
    build.destroyForcibly();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assumeTrue(!ended || build.exitValue() != CANNOT, output);
    if (!ended || build.exitValue() != 0) {
      throw new IOException("the " + kind + " peer was not built: " + output);
    }
    return folder.resolve(kind + "-peer");
  }

  /** Starts it with a link's MTU and its addresses, and points the link at it. */
  static PeerProcess start(Path program, DatagramLink link, Path folder, String... addresses) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add(Integer.toString(link.port()));
    command.add(Integer.toString(link.mtu()));
    command.addAll(List.of(addresses));
    LineProcess process =
        LineProcess.start(program.getFileName().toString(), command, Map.of(), folder);
    link.peer(process.ready(LIMIT).get("port").getAsInt());
    PeerProcess peer = new PeerProcess(process);
    peer.process.answer(LIMIT);
    return peer;
  }

  /** The result of a command, as {@code peer.c} names them: ok, refused, reset, timeout. */
  String ask(String command) {
    return process.ask(command, LIMIT).get("result").getAsString();
  }

  /** Sends bytes to an echo of ours, in a pattern, and has them back to the end. */
  String echo(String host, int port, int bytes) {
    return askForBytes("echo " + host + " " + port + " " + bytes);
  }

  /** Sends a datagram of so many bytes and has one back: {@code ok} and the bytes of that. */
  String question(String host, int port, int bytes) {
    return askForBytes("udp " + host + " " + port + " " + bytes);
  }

  private String askForBytes(String command) {
    JsonObject answer = process.ask(command, LIMIT);
    return answer.get("result").getAsString() + " " + answer.get("bytes").getAsInt();
  }

  /** Begins a command whose answer {@link #result} awaits. */
  void tell(String command) {
    process.tell(command);
  }

  String result() {
    return process.answer(LIMIT).get("result").getAsString();
  }

  /** Ends it without a word to anybody, as a power cut does. */
  void kill() {
    ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
    process.close();
  }

  @Override
  public void close() {
    process.close();
  }
}
