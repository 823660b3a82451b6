package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.syn;
import static dev.tailbridge.netstack.tcp.Seg.synAck;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Begins scripts, and sees at the end that none left a segment out. */
final class Scripts implements AfterEachCallback {

  /** How long the handshakes here take. */
  static final long RTT = ms(100);

  private final List<Script> begun = new ArrayList<>();

  /** Nothing has happened yet. */
  Script begin(Peer peer, TcpConfig config) {
    Script script = new Script(peer, config);
    begun.add(script);
    return script;
  }

  /** Our SYN was sent and expected. */
  Script connecting(Peer peer) {
    return connecting(peer, peer.config());
  }

  Script connecting(Peer peer, TcpConfig config) {
    return begin(peer, config).connect().expect(syn());
  }

  /** Their SYN came, our SYN-ACK was sent and expected. */
  Script accepting(Peer peer) {
    return accepting(peer, peer.config());
  }

  Script accepting(Peer peer, TcpConfig config) {
    return begin(peer, config).inject(syn()).expect(synAck().seq(0));
  }

  /** We called, and the handshake is done. */
  Script connected(Peer peer) {
    return connected(peer, peer.config());
  }

  Script connected(Peer peer, TcpConfig config) {
    return connecting(peer, config).after(RTT).inject(synAck()).expect(ack());
  }

  /** They called, and the handshake is done. */
  Script accepted(Peer peer) {
    return accepted(peer, peer.config());
  }

  Script accepted(Peer peer, TcpConfig config) {
    return accepting(peer, config).after(RTT).inject(ack());
  }

  /** Data that fits into one segment towards this peer. */
  int mss(Peer peer) {
    return peer.mss - (peer.timestamps ? 12 : 0);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getExecutionException().isEmpty()) {
      begun.forEach(Script::expectNothing);
    }
  }
}
