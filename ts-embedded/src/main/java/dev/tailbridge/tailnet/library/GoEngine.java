package dev.tailbridge.tailnet.library;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The Go runtime in this process and the one platform thread, {@code tailbridge-go}, that calls it.
 *
 * <p>A process can hold one Go runtime and cannot let go of it, so there is one engine per process
 * for ever: {@link #open} works once, and after {@link #shutdown} nothing can be opened again.
 */
public final class GoEngine implements Engine {

  private static final Duration OPEN_DEADLINE = Duration.ofSeconds(30);
  private static final AtomicBoolean TAKEN = new AtomicBoolean();

  private final ExecutorService thread;
  private final int controlDescriptor;
  private final LibraryVersion version;

  private GoEngine(ExecutorService thread, int controlDescriptor, LibraryVersion version) {
    this.thread = thread;
    this.controlDescriptor = controlDescriptor;
    this.version = version;
  }

  /**
   * Unpacks, loads and initialises the library. Blocks for some hundred milliseconds.
   *
   * @param directory where to unpack it
   * @param configJson the configuration of the library, a JSON object
   * @throws TailnetLibraryException when it cannot be used here, was opened before, or refuses the
   *     configuration or an inherited {@code TS_…} variable
   */
  public static GoEngine open(Path directory, String configJson) throws TailnetLibraryException {
    Path file = LibraryFile.locate(GoBinary.LIBRARY, HostPlatform.current(), directory);
    if (!TAKEN.compareAndSet(false, true)) {
      throw new TailnetLibraryException(
          "the Go library is loaded already, and a process can hold it only once: share the one"
              + " Tailnet, or start another process");
    }
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread platformThread = new Thread(task, "tailbridge-go");
              platformThread.setDaemon(true);
              return platformThread;
            });
    Future<GoEngine> opening = thread.submit(() -> initialise(thread, file, configJson));
    try {
      return opening.get(OPEN_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      thread.shutdown();
      if (e.getCause() instanceof TailnetLibraryException known) {
        throw known;
      }
      throw new TailnetLibraryException("the Go library failed to start: " + e.getCause(), e);
    } catch (TimeoutException e) {
      thread.shutdown();
      throw new TailnetLibraryException(
          "the Go library did not start within " + OPEN_DEADLINE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      thread.shutdown();
      Thread.currentThread().interrupt();
      throw new TailnetLibraryException("interrupted while the Go library started", e);
    }
  }

  private static GoEngine initialise(ExecutorService thread, Path file, String configJson)
      throws TailnetLibraryException {
    GoLibrary.load(file);
    JsonObject json =
        JsonParser.parseString(GoLibrary.take(GoLibrary.TailbridgeVersion())).getAsJsonObject();
    LibraryVersion version = LibraryVersion.read(json, file);
    int descriptor = GoLibrary.TailbridgeInit(configJson);
    if (descriptor < 0) {
      throw new TailnetLibraryException(GoLibrary.take(GoLibrary.TailbridgeLastError()));
    }
    if (!Descriptors.isNonBlocking(descriptor)) {
      Descriptors.close(descriptor);
      throw new TailnetLibraryException(
          file + ": made a blocking control descriptor: use the library built with this program");
    }
    return new GoEngine(thread, descriptor, version);
  }

  @Override
  public EpollDomainSocketChannel control() {
    return new EpollDomainSocketChannel(controlDescriptor);
  }

  @Override
  public LibraryVersion version() {
    return version;
  }

  @Override
  public CompletableFuture<Boolean> shutdown(Duration deadline) {
    int millis = (int) Math.min(deadline.toMillis(), Integer.MAX_VALUE);
    CompletableFuture<Boolean> done =
        CompletableFuture.supplyAsync(() -> GoLibrary.TailbridgeShutdown(millis) == 0, thread);
    thread.shutdown();
    // Go keeps the deadline itself; this one is for a Go that does not.
    return done.completeOnTimeout(false, millis + 1000L, TimeUnit.MILLISECONDS);
  }
}
