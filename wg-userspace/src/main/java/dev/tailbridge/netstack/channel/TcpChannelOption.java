package dev.tailbridge.netstack.channel;

import io.netty.channel.ChannelOption;

/** Options that only channels of this package have. */
public final class TcpChannelOption {

  /**
   * Whether the local port that is given to connect is the best one rather than the only one: when
   * it is in use, or rests, another is taken. False by default.
   */
  public static final ChannelOption<Boolean> PREFER_LOCAL_PORT =
      ChannelOption.valueOf(TcpChannelOption.class, "PREFER_LOCAL_PORT");

  private TcpChannelOption() {}
}
