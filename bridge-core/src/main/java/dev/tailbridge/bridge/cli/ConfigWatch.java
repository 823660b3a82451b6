package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.LoadedConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the configuration again when its file changed or somebody asks for it. A file that is not
 * valid is told and changes nothing. What the bridge could not do, for want of disk space, say, is
 * tried again in growing pauses, for it may have left devices ended.
 *
 * <p>It looks at the file rather than waiting for the system's word, which does not come for links
 * and mounted folders. A change counts when the file has been the same for two looks, because
 * editors may write it in pieces, and half a file may be a valid one with fewer devices.
 */
final class ConfigWatch implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ConfigWatch.class);
  private static final long EVERY_MILLIS = 500;

  /** Looks between a failed try and the next: ten seconds, doubling up to five minutes. */
  private static final int FIRST_PAUSE = 20;

  private static final int LONGEST_PAUSE = 600;

  private final Path file;
  private final Reader reader;
  private final BridgeRunner.Running bridge;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = new Thread(work, "config-watch");
            made.setDaemon(true);
            return made;
          });

  private Look loaded;
  private Look before;
  private int pause = FIRST_PAUSE;
  private int looksToRetry;
  private String failure = "";

  /** Reads the file. */
  @FunctionalInterface
  interface Reader {
    LoadedConfig read() throws ConfigException;
  }

  /** What a look at the file sees, without its content. */
  record Look(String file, long modifiedMillis, long size) {}

  /**
   * @param loaded how the file looked before the bridge read it, so that no change is missed
   * @param bridge what is to do as the file says
   */
  ConfigWatch(Path file, Look loaded, Reader reader, BridgeRunner.Running bridge) {
    this.file = file;
    this.reader = reader;
    this.bridge = bridge;
    this.loaded = loaded;
    this.before = loaded;
  }

  /** Looks from now on. */
  void start() {
    // turn() never throws, so the repetition never ends by itself.
    var unused =
        thread.scheduleWithFixedDelay(
            this::turn, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Loads it at the next look, changed or not. Any thread, a signal's too. */
  void ask() {
    asked.set(true);
  }

  /** One look. */
  void turn() {
    Look now = look(file);
    boolean settled = now.equals(before);
    before = now;
    boolean retry = looksToRetry > 0 && --looksToRetry == 0;
    if (settled && (asked.getAndSet(false) || !now.equals(loaded))) {
      loaded = now;
      pause = FIRST_PAUSE;
      failure = "";
      load();
    } else if (retry) {
      load();
    }
  }

  private void load() {
    looksToRetry = 0;
    try {
      LoadedConfig next = reader.read();
      if (failure.isEmpty()) {
        next.warnings().forEach(warning -> logger.warn("{}", warning));
      }
      bridge.reload(next.config());
    } catch (ConfigException e) {
      e.problems().forEach(problem -> logger.error("{}", problem));
      logger.error("{} is not valid, so the bridge goes on as before", file);
    } catch (RuntimeException e) {
      logger.error("internal error while loading {} again; log = \"debug\" shows where", file, e);
    } catch (Exception e) {
      failed(String.valueOf(e.getMessage()));
    }
  }

  private void failed(String why) {
    if (!why.equals(failure)) {
      logger.error("{} was not loaded, and will be tried again: {}", file, why);
    }
    failure = why;
    looksToRetry = pause;
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }

  /** How the file looks now. */
  static Look look(Path file) {
    try {
      BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
      return new Look(
          String.valueOf(seen.fileKey()), seen.lastModifiedTime().toMillis(), seen.size());
    } catch (IOException e) {
      return new Look("", 0, 0); // it is gone for a moment, or for good
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
