package dev.tailbridge.tailnet;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the Go library is loaded; the same for every node of the process.
 *
 * @param nativeDirectory where the library is unpacked: private, on a file system that is not
 *     mounted noexec
 * @param logLevel {@code info} or {@code error}
 * @param netns whether sockets avoid a default route through another tailnet client on this host;
 *     off, because without privileges it binds every socket to the default interface
 * @param testKnobs Tailscale's {@code TS_…} switches, for tests
 * @param gogc Go's GOGC: how much the heap may grow between collections, percent, from 10; with few
 *     nodes it may grow by 16 MiB nevertheless
 * @param memoryLimitBytes Go's soft memory limit; 0 for none
 * @param crashFile where Go writes the trace of a crash; null for nowhere
 * @param log takes the library's log lines
 */
public record TailnetOptions(
    Path nativeDirectory,
    String logLevel,
    boolean netns,
    Map<String, String> testKnobs,
    int gogc,
    long memoryLimitBytes,
    @Nullable Path crashFile,
    LogSink log) {

  public TailnetOptions {
    testKnobs = Map.copyOf(testKnobs);
    if (!logLevel.equals("info") && !logLevel.equals("error")) {
      throw new IllegalArgumentException("log level \"" + logLevel + "\": use info or error");
    }
    if (gogc < 10 || memoryLimitBytes < 0) {
      throw new IllegalArgumentException(
          "gogc must be at least 10 and the memory limit at least 0, not "
              + gogc
              + " and "
              + memoryLimitBytes);
    }
  }

  /** The defaults: errors and information to {@code log}, GOGC 50, no limit, no crash file. */
  public static TailnetOptions of(Path nativeDirectory, LogSink log) {
    return new TailnetOptions(nativeDirectory, "info", false, Map.of(), 50, 0, null, log);
  }

  public TailnetOptions withLogLevel(String level) {
    return new TailnetOptions(
        nativeDirectory, level, netns, testKnobs, gogc, memoryLimitBytes, crashFile, log);
  }

  /** Go's soft memory limit, in bytes; 0 for none. */
  public TailnetOptions withMemoryLimit(long bytes) {
    return new TailnetOptions(
        nativeDirectory, logLevel, netns, testKnobs, gogc, bytes, crashFile, log);
  }

  public TailnetOptions withNetns(boolean on) {
    return new TailnetOptions(
        nativeDirectory, logLevel, on, testKnobs, gogc, memoryLimitBytes, crashFile, log);
  }

  public TailnetOptions withTestKnobs(Map<String, String> knobs) {
    return new TailnetOptions(
        nativeDirectory, logLevel, netns, knobs, gogc, memoryLimitBytes, crashFile, log);
  }

  public TailnetOptions withMemory(int newGogc, long newLimitBytes) {
    return new TailnetOptions(
        nativeDirectory, logLevel, netns, testKnobs, newGogc, newLimitBytes, crashFile, log);
  }

  public TailnetOptions withCrashFile(Path file) {
    return new TailnetOptions(
        nativeDirectory, logLevel, netns, testKnobs, gogc, memoryLimitBytes, file, log);
  }
}
