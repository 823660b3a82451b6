package dev.tailbridge.bridge.health;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One probe's connection: it is closed as soon as enough was seen, or when the time is over. Of an
 * HTTP answer only the first line is read; redirects are not followed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails closes the channel, and that is heard.
final class ProbeHandler extends ChannelInboundHandlerAdapter {
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: .*)?");
  private static final int LONGEST_LINE = 1024;

  private final @Nullable String path;
  private final String host;
  private final long timeoutNanos;
  private final CompletableFuture<HealthAnswer> answer;
  private final StringBuilder line = new StringBuilder();

  /**
   * @param path what to fetch by HTTP; null when an accepted connection is enough
   * @param host for the request's Host header
   */
  ProbeHandler(
      @Nullable String path,
      String host,
      long timeoutNanos,
      CompletableFuture<HealthAnswer> answer) {
    this.path = path;
    this.host = host;
    this.timeoutNanos = timeoutNanos;
    this.answer = answer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    // A probe that was answered, by whomever, needs its connection no more.
    answer.whenComplete((done, failure) -> ctx.close());
    ctx.executor()
        .schedule(
            () -> answer.complete(HealthAnswer.unhealthy("it did not answer in time")),
            timeoutNanos,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (path == null) {
      answer.complete(HealthAnswer.healthy("it accepts connections"));
      return;
    }
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nUser-Agent: tailbridge-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    ctx.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (path != null && message instanceof ByteBuf bytes) {
        read(bytes);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ByteBuf bytes) {
    while (bytes.isReadable() && !answer.isDone()) {
      char next = (char) bytes.readUnsignedByte();
      if (next == '\n') {
        judge(line.toString().strip());
      } else if (line.length() < LONGEST_LINE) {
        line.append(next);
      } else {
        judge("");
      }
    }
  }

  private void judge(String first) {
    Matcher status = STATUS_LINE.matcher(first);
    if (!status.matches()) {
      answer.complete(HealthAnswer.unhealthy("its answer is not HTTP"));
    } else if (status.group(1).startsWith("2")) {
      answer.complete(HealthAnswer.healthy("it answers with HTTP status " + status.group(1)));
    } else {
      answer.complete(HealthAnswer.unhealthy("it answers with HTTP status " + status.group(1)));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    answer.complete(HealthAnswer.unhealthy("it closed the connection without an answer"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
    answer.complete(
        HealthAnswer.unhealthy(
            failure instanceof IOException ? "it reset the connection" : "the probe failed"));
  }
}
