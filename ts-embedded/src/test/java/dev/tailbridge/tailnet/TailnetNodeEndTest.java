package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.tailnet.control.FakeGo;
import dev.tailbridge.tailnet.control.RequestType;
import dev.tailbridge.tailnet.control.SocketPair;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The ways in which a node ends other than by its stop, and what is left of it. */
final class TailnetNodeEndTest extends TailnetNodeRig {

  @Test
  void aLostControlPairIsTold() throws Exception {
    startNode();
    assertThat(tailnet.lost()).isNotDone();
    go.close();
    assertThat(tailnet.lost().get(10, TimeUnit.SECONDS)).isNotEmpty();
    await().until(() -> node.status().ended());
  }

  @Test
  void aStreamThatNoLongerParsesIsALostPair() throws Exception {
    go.sendRaw(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1});
    assertThat(tailnet.lost().get(10, TimeUnit.SECONDS)).isNotEmpty();
    await().until(go::isClosedByJava);
  }

  @Test
  void aPairThatWasClosedIsNotLost() throws Exception {
    startNode();
    CompletableFuture<Boolean> closed = tailnet.close(Duration.ofSeconds(1));
    shutdown.complete(true);
    assertThat(closed.get(10, TimeUnit.SECONDS)).isTrue();
    await().until(go::isClosedByJava);
    assertThat(tailnet.lost()).isNotDone();
  }

  @Test
  void aRefusedStartEndsTheNodeWithItsReason() throws Exception {
    go.answer(go.expect(RequestType.START), "{\"error\":\"directory is in use\"}");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).containsExactly("start of greenhouse: directory is in use");
    assertThat(node.status().error()).isEqualTo("start of greenhouse: directory is in use");
    node.stop().get(30, TimeUnit.SECONDS);
    assertThat(go.hasRequest()).isFalse();
  }

  @Test
  void aNodeThatEndedBeforeItsStartWasAnsweredLeavesNoDescriptor() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    go.ended(1, "engine closed");
    await().until(() -> !listener.ends.isEmpty());
    SocketPair packets = go.answerStart(start);
    await().until(() -> SocketPair.atEnd(packets.go()));
    assertThat(listener.ends).containsExactly("engine closed");
  }

  @Test
  void aBlockingDescriptorIsRefused() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    SocketPair blocking = SocketPair.openBlocking();
    go.answer(start, "{\"fd\":" + blocking.java() + "}");
    go.answer(go.expect(RequestType.STOP), "{}");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends.get(0)).contains("not a non-blocking socket");
    assertThat(SocketPair.read(blocking.go())).isEmpty();
    SocketPair.close(blocking.go());
  }

  @Test
  void aNodeThatGoEndsIsToldOnceWithGosReason() throws Exception {
    SocketPair packets = startNode();
    go.closePackets(packets);
    FakeGo.Request stop = go.expect(RequestType.STOP);
    go.answer(stop, "{}");
    go.ended(1, "start of node greenhouse: permission denied");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).containsExactly("start of node greenhouse: permission denied");
    assertThat(packets.javaClosed()).isTrue();
  }

  @Test
  void aNodeWhosePacketsEndWithoutAWordIsOverAllTheSame() throws Exception {
    go.closePackets(startNode());
    go.answer(go.expect(RequestType.STOP), "{}");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).containsExactly("the Go library closed the node's packet descriptor");
  }

  @Test
  void lostSyncStopsTheNodeAndTellsWhy() throws Exception {
    SocketPair packets = startNode();
    SocketPair.write(packets.go(), new byte[] {1, 2, 3});
    go.expect(RequestType.STOP);
    go.ended(1, "Java closed its end");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).singleElement().asString().contains("lost sync");
  }

  @Test
  void theEndOfTheControlPairEndsEveryNode() throws Exception {
    SocketPair packets = startNode();
    RecordingListener other = new RecordingListener();
    TailnetNode starting = tailnet.start(config("b", Credential.none()), loop, other);
    go.expect(RequestType.START);
    go.close();
    await().until(() -> !listener.ends.isEmpty() && !other.ends.isEmpty());
    assertThat(listener.ends.get(0)).contains("the control connection to the Go library is closed");
    assertThat(packets.javaClosed()).isTrue();
    starting.stop().get(30, TimeUnit.SECONDS);
    RecordingListener late = new RecordingListener();
    tailnet.start(config("c", Credential.none()), loop, late);
    await().until(() -> !late.ends.isEmpty());
  }

  @Test
  void aLoopThatShutsDownClosesTheDescriptorAndStopsTheNode() throws Exception {
    SocketPair packets = startNode();
    nodeGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(packets.javaClosed()).isTrue();
    go.answer(go.expect(RequestType.STOP), "{}");
    node.stop().get(30, TimeUnit.SECONDS);
    assertThat(listener.ends).isEmpty();
  }

  @Test
  void aDescriptorForALoopThatIsShutDownIsClosed() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    nodeGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    SocketPair packets = go.answerStart(start);
    await().until(() -> SocketPair.atEnd(packets.go()));
  }

  @Test
  void closeIsQuietAndFinal() throws Exception {
    SocketPair packets = startNode();
    CompletableFuture<Boolean> closed = tailnet.close(Duration.ofSeconds(5));
    assertThat(closed).isNotDone();
    assertThatThrownBy(() -> tailnet.start(config("c", Credential.none()), loop, listener))
        .isInstanceOf(IllegalStateException.class);
    shutdown.complete(true);
    assertThat(closed.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(tailnet.close(Duration.ZERO).get(30, TimeUnit.SECONDS)).isTrue();
    await().until(go::isClosedByJava);
    await().until(() -> SocketPair.atEnd(packets.go()));
    node.stop().get(30, TimeUnit.SECONDS);
    assertThat(listener.ends).isEmpty();
  }
}
