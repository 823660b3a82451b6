package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.SideBySide;
import dev.tailbridge.tailnet.Credential;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.tailnet.TailnetOptions;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real node follows a device that comes and goes, and Headscale sees it. Only the two spans of
 * {@link Presence} are shorter here than in the product.
 */
@SideBySide
class FollowDeviceIT {

  private static final long AWAY_NANOS = seconds("follow.away", 2);
  private static final long GAP_NANOS = seconds("follow.gap", 1);
  private static final Duration LIMIT = Duration.ofNanos(AWAY_NANOS).plusSeconds(60);
  private static final int ROUNDS = Integer.getInteger("follow.rounds", 2);

  /** Whether the device says something, all the time: a slow machine must not make it away. */
  private final AtomicBoolean here = new AtomicBoolean(true);

  @TempDir Path folder;

  @Test
  void theNodeIsOfflineWhileItsDeviceIsAway() throws Exception {
    EventLoopGroup group = new EpollEventLoopGroup(1);
    EventLoop loop = group.next();
    TailnetOptions options =
        TailnetOptions.of(folder.resolve("native"), (node, level, text) -> {})
            .withTestKnobs(BridgeProcess.LOOPBACK_ONLY);
    Tailnet tailnet = Tailnet.open(options, loop);
    try (Headscale control = Headscale.prompt(folder)) {
      NodeConfig config =
          new NodeConfig(
              "greenhouse",
              folder.resolve("node"),
              "greenhouse",
              control.url(),
              new Credential.AuthKey(control.authKey("me")),
              List.of(),
              false);
      DeviceNode node =
          new DeviceNode(
              tailnet::start,
              config,
              new Presence(System.nanoTime(), AWAY_NANOS, GAP_NANOS),
              loop,
              new StartTurns(),
              new DeviceLog("greenhouse"),
              started -> {},
              (v4, v6) -> {});
      loop.submit(node::start).sync();
      var looks =
          loop.scheduleAtFixedRate(
              () -> {
                if (here.get()) {
                  node.deviceHeard(System.nanoTime());
                } else {
                  node.follow(System.nanoTime());
                }
              },
              50,
              50,
              TimeUnit.MILLISECONDS);
      InetAddress address = awaitState(node, NodeState.RUNNING).addresses().get(0);
      for (int round = 0; round < ROUNDS; round++) {
        here.set(false);
        long silent = System.nanoTime();
        awaitState(node, NodeState.STOPPED);
        long after = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - silent);
        System.out.println("the node is offline after " + after + " s without its device");
        awaitOnline(control, false);
        long back = System.nanoTime();
        here.set(true);
        NodeStatus again = awaitState(node, NodeState.RUNNING);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back);
        awaitOnline(control, true);
        assertThat(again.addresses().get(0)).isEqualTo(address);
        System.out.println("the node is back " + millis + " ms after its device");
      }
      looks.cancel(false);
      assertThat(control.nodes()).hasSize(1);
      loop.submit(node::stop).sync();
      assertThat(tailnet.close(Duration.ofSeconds(30)).get(40, TimeUnit.SECONDS)).isTrue();
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static long seconds(String property, int otherwise) {
    return TimeUnit.SECONDS.toNanos(Integer.getInteger(property, otherwise));
  }

  private static NodeStatus awaitState(DeviceNode node, NodeState state) {
    await(state + " in time")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> is(node.status(), state));
    NodeStatus status = node.status();
    assertThat(status).isNotNull();
    return status;
  }

  private static boolean is(@Nullable NodeStatus status, NodeState state) {
    return status != null
        && status.state() == state
        && (state != NodeState.RUNNING || !status.addresses().isEmpty());
  }

  private static void awaitOnline(Headscale control, boolean online) {
    await("Headscale sees it " + (online ? "online" : "offline"))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var seen = control.node("greenhouse").orElseThrow().get("online");
              return (seen != null && seen.getAsBoolean()) == online;
            });
  }
}
