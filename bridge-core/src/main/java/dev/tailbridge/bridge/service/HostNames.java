package dev.tailbridge.bridge.service;

import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Names of the ordinary Internet, from the name servers of the bridge's host or from those that the
 * configuration names. One for all devices of an event loop. Each question has a port of its own,
 * so that a forged answer must guess that too; a truncated answer is asked for again over TCP.
 */
public final class HostNames implements NameSource {

  /** Of one name server; then the next one is asked. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final int TRIES = 2;

  /** What crosses networks without fragments. */
  private static final int UDP_SIZE = 1232;

  private final DnsNameResolver resolver;

  /**
   * @param servers empty for those of the host
   */
  public HostNames(EventLoop loop, List<InetSocketAddress> servers) {
    this(loop, servers, PATIENCE);
  }

  HostNames(EventLoop loop, List<InetSocketAddress> servers, Duration patience) {
    resolver =
        new DnsNameResolverBuilder(loop)
            .datagramChannelType(EpollDatagramChannel.class)
            .socketChannelType(EpollSocketChannel.class)
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .nameServerProvider(provider(servers))
            .queryTimeoutMillis(patience.toMillis())
            .maxPayloadSize(UDP_SIZE)
            .build();
  }

  private static DnsServerAddressStreamProvider provider(List<InetSocketAddress> servers) {
    return servers.isEmpty()
        ? DnsServerAddressStreamProviders.platformDefault()
        : new SequentialDnsServerAddressStreamProvider(servers);
  }

  @Override
  public void ask(DnsQuestion question, Consumer<NameAnswer> answer) {
    ask(question, TRIES, answer);
  }

  private void ask(DnsQuestion question, int tries, Consumer<NameAnswer> answer) {
    // The resolver takes the name servers in turn.
    resolver
        .query(new DefaultDnsQuestion(question.name(), question.type()))
        .addListener(
            (Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> asked) -> {
              NameAnswer read = asked.isSuccess() ? read(asked.getNow()) : NameAnswer.FAILED;
              if (!read.isAboutTheName() && tries > 1) {
                ask(question, tries - 1, answer);
              } else {
                answer.accept(read);
              }
            });
  }

  private static NameAnswer read(AddressedEnvelope<DnsResponse, InetSocketAddress> envelope) {
    try {
      DnsResponse response = envelope.content();
      List<DnsRecord> records = new ArrayList<>();
      for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
        DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
        DnsRecord own = NameAnswer.ownCopy(record, record.name());
        if (own != null) {
          records.add(own);
        }
      }
      return new NameAnswer(response.code(), records);
    } finally {
      envelope.release();
    }
  }
}
