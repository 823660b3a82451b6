package dev.tailbridge.bridge.service;

import io.netty.handler.codec.dns.DnsQuestion;
import java.util.function.Consumer;

/** Somebody who can be asked for names. */
interface NameSource {

  /**
   * Asks; on the device's event loop, where the answer comes too, once, and at the latest when the
   * source's own time is over.
   *
   * @param question of class IN
   */
  void ask(DnsQuestion question, Consumer<NameAnswer> answer);
}
