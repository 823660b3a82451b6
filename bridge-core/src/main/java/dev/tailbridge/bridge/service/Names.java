package dev.tailbridge.bridge.service;

import io.netty.handler.codec.dns.DnsQuestion;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whom one device's questions are put to.
 *
 * <ul>
 *   <li>What only its tailnet can know is asked of its node alone.
 *   <li>Everything else is asked of its node too, whose tailnet may have name servers of its own;
 *       where that knows nothing, of the host's name servers, if the device may have those.
 *   <li>What nobody may be asked is refused, so that a chip goes on to its next name server.
 * </ul>
 */
final class Names implements NameSource {

  private final @Nullable TailnetNames tailnet;
  private final @Nullable NameSource host;

  /**
   * @param tailnet null for a device without a tailnet
   * @param host null where ordinary names are not for this device
   */
  Names(@Nullable TailnetNames tailnet, @Nullable NameSource host) {
    this.tailnet = tailnet;
    this.host = host;
  }

  @Override
  public void ask(DnsQuestion question, Consumer<NameAnswer> answer) {
    if (tailnet == null) {
      askHost(question, NameAnswer.REFUSED, answer);
    } else if (tailnet.isOwn(question.name())) {
      tailnet.ask(question, answer);
    } else {
      tailnet.ask(
          question,
          said -> {
            if (said.isAboutTheName()) {
              answer.accept(said);
            } else {
              askHost(question, said, answer);
            }
          });
    }
  }

  private void askHost(DnsQuestion question, NameAnswer otherwise, Consumer<NameAnswer> answer) {
    if (host == null) {
      answer.accept(otherwise);
    } else {
      host.ask(question, answer);
    }
  }
}
