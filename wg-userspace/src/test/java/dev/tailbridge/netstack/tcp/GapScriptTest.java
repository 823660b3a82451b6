package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Scripts.RTT;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Fewer than three duplicates, and no more can come: four segments fill the device's window. */
class GapScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** Four segments are on their way, and nothing more may follow. */
  private Script full() {
    Script script = scripts.connected(Peer.PLAIN).inject(ack());
    int mss = script.mss();
    script.write(4 * mss);
    script.lose(data(mss)).lose(data(mss)).lose(data(mss)).lose(data(mss));
    return script;
  }

  /** RFC 5827 3: one duplicate that stands for half a round trip. */
  @Test
  void oneDuplicateThatStands() {
    Script script = full();
    script.after(RTT).inject(ack().ack(1)).expectNothing();
    script.expectAfter(script.tcb().rtt.smoothed() / 2, data(script.mss()).seq(1));
    script.inject(ack().ack(1 + 4 * script.mss())).expectNothing();
  }

  /** What was only overtaken arrives in that time, and nothing is sent again. */
  @Test
  void oneDuplicateByReordering() {
    Script script = full();
    script.after(RTT).inject(ack().ack(1)).after(ms(8));
    script.inject(ack().ack(1 + 4 * script.mss())).after(ms(5000)).expectNothing();
  }

  /** RFC 6582 4.1: after a timeout, duplicates of the first new segment are believed. */
  @Test
  void lossRightBehindATimeout() {
    Script script = full();
    int mss = script.mss();
    script.after(script.tcb().nextDeadline() - script.now()).expect(data(mss).seq(1));
    int end = 1 + 4 * mss;
    script.inject(ack().ack(end));
    script.write(2 * mss).lose(data(mss).seq(end)).lose(data(mss).seq(end + mss));
    script.after(RTT).inject(ack().ack(end)).expect(data(mss).seq(end));
    script.inject(ack().ack(end + 2 * mss)).expectNothing();
  }
}
