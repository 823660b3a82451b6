package dev.tailbridge.tailnet.library;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.tailnet.control.Json;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The Go code as a child process: a panic in it ends the child and not this process.
 *
 * <ul>
 *   <li>It is given its configuration on its standard input and speaks the frames of the library
 *       over a connection that it makes itself; over another one come the descriptors of packet
 *       pairs. So packets take the same way as in {@link GoEngine}, with no copy more.
 *   <li>It ends when the control connection does, and when this process does, however that ends.
 *   <li>Another one may be opened at any time.
 * </ul>
 */
public final class SidecarProcess implements Engine {

  private static final Duration OPEN_DEADLINE = Duration.ofSeconds(30);
  private static final Duration END_GRACE = Duration.ofSeconds(2);
  private static final int SIGNALLED = 128;

  /** Go's exit code after a panic or a fatal signal. */
  private static final int PANIC = 2;

  private final SidecarChild child;
  private final LibraryVersion version;
  private final EpollDomainSocketChannel control;
  private final Passage passage;

  private SidecarProcess(
      SidecarChild child,
      LibraryVersion version,
      EpollDomainSocketChannel control,
      Passage passage) {
    this.child = child;
    this.version = version;
    this.control = control;
    this.passage = passage;
  }

  /**
   * Unpacks the program, starts it and waits until it has connected. Blocks for some hundred
   * milliseconds.
   *
   * @param directory where to unpack it, and where it finds the socket to connect to
   * @param configJson its configuration, a JSON object
   * @param loop takes the descriptors
   * @param log takes what it prints: the trace of a panic
   * @throws TailnetLibraryException when it cannot be run here, or refuses the configuration or an
   *     inherited {@code TS_…} variable
   */
  public static SidecarProcess open(
      Path directory, String configJson, EventLoop loop, Consumer<String> log)
      throws TailnetLibraryException {
    Path home = directory.toAbsolutePath();
    Path program = LibraryFile.locate(GoBinary.SIDECAR, HostPlatform.current(), home);
    Path path = home.resolve("sidecar.sock");
    try (SidecarSocket socket = SidecarSocket.listen(path, loop)) {
      SidecarChild child = SidecarChild.start(program, path, log);
      try {
        socket.expect(child.pid());
        child.tell(configJson);
        return connected(socket, child, program, loop);
      } catch (TailnetLibraryException e) {
        child.kill();
        socket.discardAccepted();
        throw e;
      }
    }
  }

  private static SidecarProcess connected(
      SidecarSocket socket, SidecarChild child, Path program, EventLoop loop)
      throws TailnetLibraryException {
    try {
      long deadline = System.nanoTime() + OPEN_DEADLINE.toNanos();
      LibraryVersion version = version(await(child.firstLine(), deadline), child, program);
      EpollDomainSocketChannel passage = await(socket.passage(), deadline);
      return new SidecarProcess(
          child, version, await(socket.control(), deadline), Passage.over(passage, loop));
    } catch (TimeoutException e) {
      throw new TailnetLibraryException(
          "the sidecar did not start within " + OPEN_DEADLINE.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new TailnetLibraryException("the sidecar failed to start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TailnetLibraryException("interrupted while the sidecar started", e);
    }
  }

  private static <T> T await(CompletableFuture<T> future, long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  /** Reads the first line, which the child prints when it has connected or when it cannot. */
  private static LibraryVersion version(String line, SidecarChild child, Path program)
      throws TailnetLibraryException, InterruptedException, ExecutionException, TimeoutException {
    JsonObject said;
    try {
      said = JsonParser.parseString(line).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      int code = child.exit().get(END_GRACE.toMillis(), TimeUnit.MILLISECONDS);
      throw new TailnetLibraryException(
          program
              + ": the sidecar did not start: it "
              + end(code)
              + (line.isEmpty() ? "" : ": " + line),
          e);
    }
    String error = Json.string(said, "error");
    if (!error.isEmpty()) {
      throw new TailnetLibraryException(error);
    }
    return LibraryVersion.read(said, program);
  }

  @Override
  public LibraryVersion version() {
    return version;
  }

  @Override
  public EpollDomainSocketChannel control() {
    return control;
  }

  @Override
  public CompletableFuture<Integer> descriptor(long number) {
    return passage.take(number);
  }

  @Override
  public OptionalLong childPid() {
    return OptionalLong.of(child.pid());
  }

  /** A child without its control connection is of no use: it ends, or is killed. */
  @Override
  public CompletableFuture<String> ended(String reason) {
    killAfter(END_GRACE);
    return child.exit().thenApply(code -> "the sidecar, process " + child.pid() + ", " + end(code));
  }

  static String end(int code) {
    if (code > SIGNALLED) {
      return "was killed by signal " + (code - SIGNALLED);
    }
    return "ended with exit code " + code + (code == PANIC ? ", a panic of Go code" : "");
  }

  /** Closing Java's half of the control connection makes the child close its nodes and end. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // The exit tells, or its absence.
  public CompletableFuture<Boolean> shutdown(Duration deadline) {
    control.shutdownOutput();
    killAfter(deadline);
    return child
        .exit()
        .thenApply(code -> code == 0)
        .completeOnTimeout(false, deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // Nothing is to be done when it has ended.
  private void killAfter(Duration grace) {
    child
        .exit()
        .copy()
        .orTimeout(grace.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            late -> {
              child.kill();
              return SIGNALLED;
            });
  }
}
