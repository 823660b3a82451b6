package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Scripts.RTT;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.Seg.syn;
import static dev.tailbridge.netstack.tcp.Seg.synAck;
import static dev.tailbridge.netstack.tcp.TcpState.ESTABLISHED;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lwIP on a small chip does, which reboots whenever it likes, and what it needs from us. */
class DeviceScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /**
   * RFC 9293 3.5.1, figure 9; RFC 5961 4.2: it rebooted and calls from the same port, with any new
   * number. It answers our challenge with the exact reset, and its SYN that it sends again finds
   * nobody in the way.
   */
  @ParameterizedTest
  @ValueSource(ints = {-100_000, 50, 51, 52, 1000, 65_000, 70_000, 1 << 30})
  void rebootWithTheSamePorts(int number) {
    for (TcpState state : TcpState.values()) {
      if (!state.isSynchronized() || state == TcpState.TIME_WAIT) {
        continue;
      }
      Script script = StateScripts.in(state, Peer.PLAIN);
      int next = script.ours(script.tcb().nxt);
      int acknowledged = script.theirs(script.tcb().input.next());
      script
          .inject(syn().seq(number).refused())
          .expect(ack().seq(next).ack(acknowledged))
          .state(state)
          .inject(rst().seq(acknowledged))
          .expectNothing()
          .state(TcpState.CLOSED);
    }
    scripts.accepted(Peer.PLAIN).state(ESTABLISHED);
  }

  /** It rebooted while data was on its way: what is sent again is answered by a reset. */
  @ParameterizedTest
  @EnumSource
  void rebootWithDataOnItsWay(Peer peer) {
    Script script = scripts.connected(peer).write(100).lose(data(100));
    script
        .after(script.tcb().nextDeadline() - script.now())
        .expect(data(100).seq(1))
        .inject(rst())
        .failed(TcpFailure.RESET);
  }

  /** lwIP leaves out nothing when a hole exists: each piece, and each filled gap, at once. */
  @ParameterizedTest
  @EnumSource
  void everyGapIsAnsweredAtOnce(Peer peer) {
    Script script = scripts.connected(peer);
    for (int i = 0; i < 8; i++) {
      script.inject(data(100)).expect(ack());
    }
    script
        .inject(data(100).seq(901).refused())
        .expect(ack().ack(801))
        .inject(data(100).seq(1101).refused())
        .expect(ack().ack(801))
        .inject(data(100).seq(801).refused())
        .expect(ack().ack(1001))
        .inject(data(100).seq(1001).refused())
        .expect(ack().ack(1201))
        .read(1200);
  }

  /**
   * Two full segments are all that its buffer holds beside two more: it never waits for a third.
   */
  @ParameterizedTest
  @EnumSource
  void itsSendBufferIsNeverHeldUp(Peer peer) {
    Script script = scripts.connected(peer);
    int mss = script.mss();
    for (int i = 0; i < 8; i++) {
      script.inject(data(mss)).expect(ack()).read(mss);
    }
    for (int round = 0; round < 5; round++) {
      script
          .inject(data(mss))
          .expectNothing()
          .inject(data(mss))
          .expect(ack())
          .inject(data(mss))
          .expectNothing()
          .inject(data(mss))
          .expect(ack())
          .read(4 * mss)
          .expectAtMostAcks()
          .after(RTT)
          .expectNothing();
    }
    script.inject(data(mss)).expectAfter(ms(40), ack());
  }

  /** Where our own window is small, the peer waits for every acknowledgment: none is delayed. */
  @ParameterizedTest
  @EnumSource
  void smallWindowOfOursDelaysNothing(Peer peer) {
    TcpConfig config = peer.config().toBuilder().buffers(5000, 5000).build();
    Script script = scripts.connected(peer, config);
    for (int i = 0; i < 20; i++) {
      script.inject(data(1000)).expect(ack()).read(1000).expectAtMostAcks();
    }
  }

  /** A mailbox of six counts segments of any size: crumbs are gathered while any is on its way. */
  @ParameterizedTest
  @EnumSource
  void crumbsAreGathered(Peer peer) {
    Script script = scripts.connected(peer).write(1).expect(data(1));
    for (int i = 0; i < 50; i++) {
      script.write(1).expectNothing();
    }
    script.after(RTT).inject(ack()).expect(data(50));
  }

  /** It acknowledges after 250 ms, and its window holds four segments: a steady stream. */
  @ParameterizedTest
  @EnumSource(names = "PLAIN")
  void steadyStreamThroughASmallWindow(Peer peer) {
    Script script = scripts.connected(peer).window(5744).inject(ack());
    int mss = script.mss();
    int segments = 5744 / mss;
    script.write(10 * segments * mss);
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < segments; i++) {
        script.expect(data(mss));
      }
      script.expectNothing().after(ms(250)).inject(ack());
    }
    script.expectNothing();
  }

  /** RFC 9293 3.8.6.1: it cannot take anything for a minute, then it can. */
  @ParameterizedTest
  @EnumSource
  void windowShutForAMinute(Peer peer) {
    Script script = scripts.connected(peer).window(0);
    int mss = script.mss();
    script.write(2 * mss).expect(data(mss)).expect(data(mss)).inject(ack()).write(mss);
    long end = script.now() + seconds(60);
    while (script.tcb().nextDeadline() < end) {
      script.after(script.tcb().nextDeadline() - script.now());
      script.expect(data(1).seq(1 + 2 * mss)).after(ms(20)).inject(ack().ack(1 + 2 * mss));
    }
    script.after(end - script.now()).expectNothing();
    script.window(2 * mss).inject(ack().ack(1 + 2 * mss)).expect(data(mss).seq(1 + 2 * mss));
    script.inject(ack()).expectNothing().state(ESTABLISHED);
  }

  /** Reboot between our SYN and its answer: its new SYN-ACK counts, the old one is challenged. */
  @ParameterizedTest
  @EnumSource
  void rebootWhileWeCall(Peer peer) {
    scripts
        .connecting(peer)
        .expectAfter(seconds(1), syn().seq(0))
        .inject(synAck())
        .expect(ack())
        .inject(synAck().seq(5000).refused())
        .expect(ack())
        .inject(rst())
        .failed(TcpFailure.RESET);
  }
}
