package dev.tailbridge.netstack.channel;

import io.netty.channel.EventLoop;
import java.nio.file.Path;

/** An adopted descriptor keeps the contract. */
class AdoptedUnixContractTest extends DuplexChannelContract {

  @Override
  ChannelKind kind(EventLoop loop, Path temporary) throws Exception {
    return new AdoptedUnixKind(loop, temporary);
  }
}
