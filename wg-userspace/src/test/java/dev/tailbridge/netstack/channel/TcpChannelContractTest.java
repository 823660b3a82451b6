package dev.tailbridge.netstack.channel;

import io.netty.channel.EventLoop;
import java.nio.file.Path;

/** Our channel keeps the contract. */
class TcpChannelContractTest extends DuplexChannelContract {

  @Override
  ChannelKind kind(EventLoop loop, Path temporary) throws Exception {
    return new TcpChannelKind(loop);
  }
}
