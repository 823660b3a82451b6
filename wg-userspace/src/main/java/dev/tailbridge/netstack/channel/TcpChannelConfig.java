package dev.tailbridge.netstack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Netty's options of a channel, and {@link ChannelOption#ALLOW_HALF_CLOSURE}. */
final class TcpChannelConfig extends DefaultChannelConfig {

  private volatile boolean allowHalfClosure;

  TcpChannelConfig(Channel channel) {
    super(channel);
  }

  boolean allowsHalfClosure() {
    return allowHalfClosure;
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
  }

  @Override
  @SuppressWarnings("unchecked") // The option says its type.
  public <T> @Nullable T getOption(ChannelOption<T> option) {
    return option.equals(ChannelOption.ALLOW_HALF_CLOSURE)
        ? (T) (Boolean) allowHalfClosure
        : super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
      validate(option, value);
      allowHalfClosure = (Boolean) value;
      return true;
    }
    return super.setOption(option, value);
  }
}
