package dev.tailbridge.netstack.channel;

import io.netty.channel.EventLoop;
import java.nio.file.Path;

/** The kernel's TCP keeps the contract. */
class EpollTcpContractTest extends DuplexChannelContract {

  @Override
  ChannelKind kind(EventLoop loop, Path temporary) throws Exception {
    return new EpollTcpKind(loop);
  }
}
