package dev.tailbridge.tailnet.control;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A test double for the Go end of the control pair: it speaks the frames over a real socket pair
 * and does what the test tells it.
 */
public final class FakeGo implements AutoCloseable {

  /** One request as it arrived. */
  public record Request(int type, int id, JsonObject body) {}

  private final SocketPair pair = SocketPair.open();
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final List<Integer> packetEnds = new ArrayList<>();
  private final Channel channel;

  public FakeGo(EventLoop loop) {
    channel = new EpollDomainSocketChannel(pair.go());
    channel
        .pipeline()
        .addLast(
            new FrameDecoder(),
            new SimpleChannelInboundHandler<Frame>() {
              @Override
              protected void channelRead0(ChannelHandlerContext ctx, Frame frame) {
                requests.add(new Request(frame.type(), frame.requestId(), frame.body()));
              }
            });
    loop.register(channel).syncUninterruptibly();
  }

  public boolean controlClosedByJava() {
    return pair.javaClosed();
  }

  /** Java's end, for the connection under test. */
  public int controlDescriptor() {
    return pair.java();
  }

  /** The next request, which must be of this type. */
  public Request expect(RequestType type) throws InterruptedException {
    Request request = requests.poll(10, TimeUnit.SECONDS);
    if (request == null || request.type() != type.code()) {
      throw new AssertionError("expected " + type + ", got " + request);
    }
    return request;
  }

  /** Whether a request arrived that nobody expected yet. */
  public boolean hasRequest() {
    return !requests.isEmpty();
  }

  public void answer(Request request, String json) {
    send(Frame.ANSWER, request.id(), json);
  }

  /** Answers a start request with Java's end of a new packet pair. */
  public SocketPair answerStart(Request start) {
    SocketPair packets = SocketPair.open();
    packetEnds.add(packets.go());
    answer(start, "{\"fd\":" + packets.java() + "}");
    return packets;
  }

  public void status(String json) {
    send(Frame.STATUS_EVENT, 0, json);
  }

  public void log(String json) {
    send(Frame.LOG_EVENT, 0, json);
  }

  public void ended(long node, String error) {
    send(Frame.ENDED_EVENT, 0, "{\"node\":" + node + ",\"error\":\"" + error + "\"}");
  }

  public void send(int type, int id, String json) {
    JsonObject body = JsonParser.parseString(json).getAsJsonObject();
    channel.writeAndFlush(new Frame(type, id, body).encode(channel.alloc()));
  }

  public void sendRaw(byte[] bytes) {
    channel.writeAndFlush(channel.alloc().buffer().writeBytes(bytes));
  }

  /** Whether Java has closed its end. */
  public boolean isClosedByJava() {
    return !channel.isActive();
  }

  /** Go's end of a packet pair is closed once, by the test or here. */
  public void closePackets(SocketPair packets) {
    if (packetEnds.remove((Integer) packets.go())) {
      SocketPair.close(packets.go());
    }
  }

  @Override
  public void close() {
    if (!channel.eventLoop().isShuttingDown()) { // Else the loop has closed it.
      channel.close().syncUninterruptibly();
    }
    packetEnds.forEach(SocketPair::close);
    packetEnds.clear();
  }
}
