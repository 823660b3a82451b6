package dev.tailbridge.bridge.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a failed accept costs, in virtual time. */
class AcceptRestTest {

  @Test
  void aSocketThatCannotAcceptRestsForASecond() {
    List<Throwable> told = new ArrayList<>();
    EmbeddedChannel socket = new EmbeddedChannel(new AcceptRest(told::add));
    socket.freezeTime();
    IOException failure = new IOException("Too many open files");
    socket.pipeline().fireExceptionCaught(failure);
    assertThat(told).containsExactly(failure);
    assertThat(socket.config().isAutoRead()).isFalse();
    pass(socket, 999);
    assertThat(socket.config().isAutoRead()).isFalse();
    pass(socket, 1);
    assertThat(socket.config().isAutoRead()).isTrue();
    socket.pipeline().fireExceptionCaught(failure);
    assertThat(told).hasSize(2);
    assertThat(socket.config().isAutoRead()).as("as often as it fails").isFalse();
    pass(socket, 1000);
    assertThat(socket.config().isAutoRead()).isTrue();
    socket.finishAndReleaseAll();
  }

  private static void pass(EmbeddedChannel socket, long millis) {
    socket.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    socket.runScheduledPendingTasks();
  }
}
