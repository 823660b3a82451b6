package dev.tailbridge.netstack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** A way to make two connected channels, for a contract that holds for all of them. */
interface ChannelKind extends AutoCloseable {

  /** Two channels that are connected with each other. */
  record Pair(Channel near, Channel far) {}

  /**
   * Connects two channels that may be half-closed.
   *
   * @param farReads whether the far one reads by itself
   */
  Pair open(ChannelHandler near, ChannelHandler far, boolean farReads) throws Exception;

  /** Ends a channel with a reset. */
  void abort(Channel channel) throws Exception;
}
