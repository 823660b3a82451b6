package dev.tailbridge.tailnet;

import dev.tailbridge.tailnet.library.TailnetLibraryException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The one real library of this JVM, opened by the first test that needs it. */
final class RealLibrary {

  /** No port mapper and no need for an interface that is up; the production server is a panic. */
  static final Map<String, String> KNOBS =
      Map.of(
          "TS_DISABLE_PORTMAPPER", "1",
          "TS_ASSUME_NETWORK_UP_FOR_TEST", "1",
          "TS_PANIC_IF_HIT_MAIN_CONTROL", "1");

  static final List<String> LOG = new CopyOnWriteArrayList<>();

  private static final EventLoopGroup GROUP = new EpollEventLoopGroup(2);

  private RealLibrary() {}

  private static final class Holder {
    static final Tailnet TAILNET = open();

    private static Tailnet open() {
      try {
        return Tailnet.open(options(Path.of("target/test-native")), loop());
      } catch (TailnetLibraryException e) {
        throw new AssertionError(e.getMessage(), e);
      }
    }
  }

  static Tailnet tailnet() {
    return Holder.TAILNET;
  }

  static EventLoop loop() {
    return GROUP.next();
  }

  static TailnetOptions options(Path nativeDirectory) {
    return TailnetOptions.of(nativeDirectory, (node, level, text) -> LOG.add(node + ": " + text))
        .withTestKnobs(KNOBS);
  }
}
