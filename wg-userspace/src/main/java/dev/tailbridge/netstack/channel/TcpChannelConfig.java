package dev.tailbridge.netstack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Netty's options of a channel, {@link ChannelOption#ALLOW_HALF_CLOSURE} and our own. */
final class TcpChannelConfig extends DefaultChannelConfig {

  /** Nothing is read by its advice: one for all, instead of one with a memory for each channel. */
  private static final RecvByteBufAllocator UNUSED = new FixedRecvByteBufAllocator(16 << 10);

  private volatile boolean allowHalfClosure;
  private volatile boolean preferLocalPort;

  TcpChannelConfig(Channel channel) {
    super(channel, UNUSED);
  }

  boolean allowsHalfClosure() {
    return allowHalfClosure;
  }

  boolean prefersLocalPort() {
    return preferLocalPort;
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(
        super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, TcpChannelOption.PREFER_LOCAL_PORT);
  }

  @Override
  @SuppressWarnings("unchecked") // The option says its type.
  public <T> @Nullable T getOption(ChannelOption<T> option) {
    if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
      return (T) (Boolean) allowHalfClosure;
    }
    if (option.equals(TcpChannelOption.PREFER_LOCAL_PORT)) {
      return (T) (Boolean) preferLocalPort;
    }
    return super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    validate(option, value);
    if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
      allowHalfClosure = (Boolean) value;
    } else if (option.equals(TcpChannelOption.PREFER_LOCAL_PORT)) {
      preferLocalPort = (Boolean) value;
    } else {
      return super.setOption(option, value);
    }
    return true;
  }
}
