package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.fin;

/** Scripts that have reached a state: 100 bytes of ours and 50 of theirs went over before. */
final class StateScripts {

  private StateScripts() {}

  static Script in(TcpState state, Peer peer) {
    Scripts scripts = new Scripts();
    Script script =
        switch (state) {
          case SYN_SENT -> scripts.connecting(peer);
          case SYN_RECEIVED -> scripts.accepting(peer);
          case ESTABLISHED -> established(scripts, peer);
          case FIN_WAIT_1 -> established(scripts, peer).shutdownOutput().expect(fin());
          case FIN_WAIT_2 -> in(TcpState.FIN_WAIT_1, peer).inject(ack());
          case CLOSE_WAIT -> established(scripts, peer).inject(fin()).expect(ack());
          case CLOSING -> in(TcpState.FIN_WAIT_1, peer).inject(fin().ack(101)).expect(ack());
          case LAST_ACK -> in(TcpState.CLOSE_WAIT, peer).shutdownOutput().expect(fin());
          case TIME_WAIT -> in(TcpState.FIN_WAIT_2, peer).inject(fin()).expect(ack());
          case CLOSED -> in(TcpState.LAST_ACK, peer).inject(ack());
        };
    return script.state(state);
  }

  private static Script established(Scripts scripts, Peer peer) {
    return scripts
        .connected(peer)
        .write(100)
        .expect(data(100))
        .after(Scripts.RTT)
        .inject(ack())
        .inject(data(50))
        .expect(ack())
        .read(50);
  }
}
