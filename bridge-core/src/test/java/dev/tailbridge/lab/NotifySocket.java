package dev.tailbridge.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The socket at which systemd hears its services; it ends with its loop. */
public final class NotifySocket extends SimpleChannelInboundHandler<DomainDatagramPacket> {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  /**
   * Binds it.
   *
   * @param path of the socket; one that begins with a zero byte is in the abstract namespace
   */
  public NotifySocket(EventLoop loop, String path) {
    new Bootstrap()
        .group(loop)
        .channel(EpollDomainDatagramChannel.class)
        .handler(this)
        .bind(new DomainSocketAddress(path))
        .syncUninterruptibly();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
    heard.add(packet.content().toString(UTF_8));
  }

  /** The next message. */
  public String next() throws InterruptedException {
    String message = heard.poll(60, TimeUnit.SECONDS);
    if (message == null) {
      throw new IllegalStateException("nothing was told");
    }
    return message;
  }

  /** The next message that is no sign of life. */
  public String news() throws InterruptedException {
    String message;
    do {
      message = next();
    } while (message.equals("WATCHDOG=1"));
    return message;
  }
}
