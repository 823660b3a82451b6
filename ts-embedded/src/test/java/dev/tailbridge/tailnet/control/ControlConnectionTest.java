package dev.tailbridge.tailnet.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.RequestFailedException.Cause;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ControlConnectionTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final EventLoopGroup group = new EpollEventLoopGroup(2);
  private final FakeGo go = new FakeGo(group.next());
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final ControlConnection connection =
      ControlConnection.adopt(
          group.next(), new EpollDomainSocketChannel(go.controlDescriptor()), new Listener());

  @AfterEach
  void end() {
    go.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void answersFindTheirRequestsInAnyOrder() throws Exception {
    CompletableFuture<JsonObject> first = ask(RequestType.PING, LONG);
    CompletableFuture<JsonObject> second = ask(RequestType.WHOIS, LONG);
    FakeGo.Request ping = go.expect(RequestType.PING);
    FakeGo.Request whois = go.expect(RequestType.WHOIS);
    go.answer(whois, "{\"login\":\"b\"}");
    go.answer(ping, "{\"derp\":\"a\"}");
    assertThat(Json.string(first.get(30, TimeUnit.SECONDS), "derp")).isEqualTo("a");
    assertThat(Json.string(second.get(30, TimeUnit.SECONDS), "login")).isEqualTo("b");
    assertThat(ping.body().get("node").getAsInt()).isEqualTo(1);
  }

  @Test
  void anErrorAnswerFailsTheRequestWithItsText() throws Exception {
    CompletableFuture<JsonObject> asked = ask(RequestType.WHOIS, LONG);
    go.answer(go.expect(RequestType.WHOIS), "{\"error\":\"no such peer\"}");
    assertFailure(asked, Cause.REFUSED, "whois of greenhouse: no such peer");
  }

  @Test
  void aDeadlineEndsTheWaitAndALateAnswerIsIgnored() throws Exception {
    CompletableFuture<JsonObject> asked = ask(RequestType.PING, Duration.ofMillis(20));
    FakeGo.Request ping = go.expect(RequestType.PING);
    assertFailure(asked, Cause.TIMED_OUT, "ping of greenhouse: no answer");
    go.answer(ping, "{}");
    CompletableFuture<JsonObject> next = ask(RequestType.PING, LONG);
    go.answer(go.expect(RequestType.PING), "{\"derp\":\"x\"}");
    assertThat(Json.string(next.get(30, TimeUnit.SECONDS), "derp")).isEqualTo("x");
  }

  @Test
  void aLateAnswerThatHandsSomethingOverIsDisposedOf() throws Exception {
    CompletableFuture<JsonObject> disposed = new CompletableFuture<>();
    CompletableFuture<JsonObject> asked =
        connection.request(
            RequestType.START, "n", new JsonObject(), Duration.ofMillis(20), disposed::complete);
    FakeGo.Request start = go.expect(RequestType.START);
    assertFailure(asked, Cause.TIMED_OUT, "start of n");
    assertThat(disposed).isNotDone();
    go.answer(start, "{\"fd\":77}");
    assertThat(Json.integer(disposed.get(30, TimeUnit.SECONDS), "fd")).isEqualTo(77);
  }

  @Test
  void anAnswerToACancelledRequestIsDisposedOf() throws Exception {
    CompletableFuture<JsonObject> disposed = new CompletableFuture<>();
    CompletableFuture<JsonObject> asked =
        connection.request(RequestType.START, "n", new JsonObject(), LONG, disposed::complete);
    FakeGo.Request start = go.expect(RequestType.START);
    asked.cancel(false);
    go.answer(start, "{\"fd\":78}");
    assertThat(Json.integer(disposed.get(30, TimeUnit.SECONDS), "fd")).isEqualTo(78);
  }

  @Test
  void theEndOfTheStreamFailsWhatWaitsAndWhatComesAfter() throws Exception {
    CompletableFuture<JsonObject> asked = ask(RequestType.PING, LONG);
    go.expect(RequestType.PING);
    go.close();
    assertFailure(asked, Cause.DISCONNECTED, "ping of greenhouse: the control connection");
    assertFailure(ask(RequestType.PING, LONG), Cause.DISCONNECTED, "the library ended it");
    await().until(() -> !heard.isEmpty());
    assertThat(heard).singleElement().asString().startsWith("closed: the control connection");
  }

  @Test
  void garbageClosesTheConnection() throws Exception {
    CompletableFuture<JsonObject> asked = ask(RequestType.PING, LONG);
    go.expect(RequestType.PING);
    go.sendRaw(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0});
    assertFailure(asked, Cause.DISCONNECTED, "a frame of 4294967295 bytes");
    await().until(go::isClosedByJava);
  }

  @Test
  void eventsArriveInOrderAndUnknownOnesAreSkipped() {
    go.status("{\"node\":3,\"state\":\"Running\"}");
    go.send(200, 0, "{}");
    go.log("{\"node\":0,\"level\":\"error\",\"text\":\"hm\"}");
    go.ended(3, "gone");
    await().until(() -> heard.size() == 3);
    assertThat(heard).containsExactly("status 3 Running", "log 0 true hm", "ended 3 gone");
  }

  @Test
  void requestsThatWaitAreBounded() throws Exception {
    List<CompletableFuture<JsonObject>> asked = new ArrayList<>();
    for (int i = 0; i < ControlConnection.MAX_WAITING; i++) {
      asked.add(ask(RequestType.PING, LONG));
    }
    assertFailure(ask(RequestType.PING, LONG), Cause.OVERLOADED, "ask again later");
    go.answer(go.expect(RequestType.PING), "{}");
    asked.get(0).get(30, TimeUnit.SECONDS);
    CompletableFuture<JsonObject> again = ask(RequestType.WHOIS, LONG);
    for (int i = 1; i < ControlConnection.MAX_WAITING; i++) {
      go.expect(RequestType.PING);
    }
    go.answer(go.expect(RequestType.WHOIS), "{}");
    again.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aRequestLargerThanAFrameIsRefusedHere() throws Exception {
    JsonObject huge = new JsonObject();
    huge.addProperty("x", "y".repeat(Frame.MAX_LENGTH));
    assertFailure(
        connection.request(RequestType.WHOIS, "n", huge, LONG, null),
        Cause.REFUSED,
        "larger than a control frame may be");
    CompletableFuture<JsonObject> next = ask(RequestType.PING, LONG);
    go.answer(go.expect(RequestType.PING), "{}");
    next.get(30, TimeUnit.SECONDS);
  }

  @Test
  void anUnreadableAnswerFailsTheQuestion() throws Exception {
    CompletableFuture<Integer> asked =
        connection.ask(
            RequestType.WHOIS,
            "greenhouse",
            new JsonObject(),
            LONG,
            answer -> Integer.parseInt(Json.string(answer, "login")));
    go.answer(go.expect(RequestType.WHOIS), "{\"login\":\"x\"}");
    assertFailure(asked, Cause.MALFORMED, "whois of greenhouse");
  }

  @Test
  void aLoopThatIsShutDownFailsRequestsAndClosesTheDescriptor() throws Exception {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    assertFailure(ask(RequestType.PING, LONG), Cause.DISCONNECTED, "shut down");
    assertThat(go.controlClosedByJava()).isTrue();
  }

  private CompletableFuture<JsonObject> ask(RequestType type, Duration deadline) {
    JsonObject body = new JsonObject();
    body.addProperty("node", 1);
    return connection.request(type, "greenhouse", body, deadline, null);
  }

  private static void assertFailure(CompletableFuture<?> asked, Cause kind, String message)
      throws Exception {
    try {
      asked.get(10, TimeUnit.SECONDS);
      throw new AssertionError("it succeeded");
    } catch (ExecutionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              RequestFailedException.class, f -> assertThat(f.kind()).isEqualTo(kind))
          .hasMessageContaining(message);
    }
  }

  private final class Listener implements ControlListener {
    @Override
    public void status(int node, JsonObject body) {
      heard.add("status " + node + " " + Json.string(body, "state"));
    }

    @Override
    public void log(int node, boolean error, String text) {
      heard.add("log " + node + " " + error + " " + text);
    }

    @Override
    public void ended(int node, String error) {
      heard.add("ended " + node + " " + error);
    }

    @Override
    public void closed(String reason) {
      heard.add("closed: " + reason);
    }
  }
}
