package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.odd;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.Seg.rstAck;
import static dev.tailbridge.netstack.tcp.Seg.syn;
import static dev.tailbridge.netstack.tcp.Seg.synAck;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every kind of segment in every state (RFC 9293 3.10.7.3 and 3.10.7.4).
 *
 * <p>A cell says what is answered: {@code -} nothing, {@code A} an acknowledgment, {@code R} a
 * reset, {@code S} a SYN-ACK; then how many bytes became readable, and the state when it changes.
 */
class SegmentTableTest {

  /** The columns. SYN_RECEIVED is of a passive open. */
  private static final List<TcpState> STATES =
      List.of(
          TcpState.SYN_SENT,
          TcpState.SYN_RECEIVED,
          TcpState.ESTABLISHED,
          TcpState.FIN_WAIT_1,
          TcpState.FIN_WAIT_2,
          TcpState.CLOSE_WAIT,
          TcpState.CLOSING,
          TcpState.LAST_ACK,
          TcpState.TIME_WAIT);

  /** RCV.NXT, RCV.WND, SND.UNA, SND.NXT and the greatest SND.WND, relative. */
  private record At(int rcvNxt, int rcvWnd, int sndUna, int sndNxt, int sndWnd) {}

  private record Row(String section, String kind, Function<At, Seg> segment, String cells) {}

  private static final List<Row> ROWS =
      List.of(
          row(
              "3.10.7.4, fourth; RFC 5961 4.2",
              "SYN left of the window",
              at -> syn().seq(at.rcvNxt - 10),
              "S>SYN_RECEIVED A A A A A A A A"),
          row(
              "3.10.7.4, fourth; RFC 5961 4.2",
              "SYN in the window",
              at -> syn().seq(at.rcvNxt + 5),
              "S>SYN_RECEIVED ->CLOSED A A A A A A A"),
          row(
              "3.10.7.4, first",
              "SYN right of the window",
              at -> syn().seq(at.rcvNxt + at.rcvWnd),
              "S>SYN_RECEIVED A A A A A A A A"),
          row(
              "3.10.7.4, fourth; RFC 5961 4.2",
              "SYN-ACK in the window",
              at -> synAck().seq(at.rcvNxt + 5).ack(at.sndNxt),
              "A>ESTABLISHED ->CLOSED A A A A A A A"),
          row(
              "3.10.7.4, second; RFC 5961 3.2; RFC 1337 3",
              "RST with the exact number",
              at -> rst().seq(at.rcvNxt),
              "- ->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED -"),
          row(
              "3.10.7.3, second; 3.10.7.4, second",
              "RST with the exact number that acknowledges all",
              at -> rstAck().seq(at.rcvNxt).ack(at.sndNxt),
              "->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED ->CLOSED -"),
          row(
              "3.10.7.4, second; RFC 5961 3.2",
              "RST in the window",
              at -> rst().seq(at.rcvNxt + 1),
              "- A A A A A A A A"),
          row(
              "3.10.7.4, second; RFC 5961 3.2",
              "RST at the end of the window",
              at -> rst().seq(at.rcvNxt + at.rcvWnd - 1),
              "- A A A A A A A A"),
          row(
              "3.10.7.4, first",
              "RST left of the window",
              at -> rst().seq(at.rcvNxt - 1),
              "- - - - - - - - -"),
          row(
              "3.10.7.4, first",
              "RST right of the window",
              at -> rst().seq(at.rcvNxt + at.rcvWnd),
              "- - - - - - - - -"),
          row(
              "3.10.7.3, first; 3.10.7.4, fifth",
              "ACK that says nothing new",
              at -> ack().seq(at.rcvNxt).ack(at.sndUna),
              "R R - - - - - - -"),
          row(
              "3.10.7.4, fifth",
              "ACK of everything",
              at -> ack().seq(at.rcvNxt).ack(at.sndNxt),
              "- ->ESTABLISHED - ->FIN_WAIT_2 - - ->TIME_WAIT ->CLOSED -"),
          row(
              "3.10.7.3, first; 3.10.7.4, fifth",
              "ACK of the future",
              at -> ack().seq(at.rcvNxt).ack(at.sndNxt + 1),
              "R R A A A A A A A"),
          row(
              "3.10.7.4, fifth",
              "old ACK",
              at -> ack().seq(at.rcvNxt).ack(at.sndUna - 1),
              "R R - - - - - - -"),
          row(
              "3.10.7.4, fifth; RFC 5961 5.2",
              "ACK older than any window",
              at -> ack().seq(at.rcvNxt).ack(at.sndUna - at.sndWnd - 1),
              "R R A A A A A A A"),
          row(
              "3.10.7.4, first, with its allowance for valid ACKs",
              "ACK left of the window",
              at -> ack().seq(at.rcvNxt - 1).ack(at.sndNxt),
              "- A A A>FIN_WAIT_2 A A A>TIME_WAIT ->CLOSED A"),
          row(
              "3.10.7.4, first",
              "ACK right of the window",
              at -> ack().seq(at.rcvNxt + at.rcvWnd).ack(at.sndNxt),
              "- A A A A A A A A"),
          row(
              "3.10.7.4, seventh",
              "data in order",
              at -> data(10).seq(at.rcvNxt).ack(at.sndUna),
              "R R A+10 A+10 A+10 - - - -"),
          row(
              "3.10.7.4, fifth and seventh",
              "data in order that acknowledges all",
              at -> data(10).seq(at.rcvNxt).ack(at.sndNxt),
              "- A+10>ESTABLISHED A+10 A+10>FIN_WAIT_2 A+10 - ->TIME_WAIT ->CLOSED -"),
          row(
              "3.10.7.4, first",
              "data left of the window",
              at -> data(10).seq(at.rcvNxt - 10).ack(at.sndUna),
              "R A A A A A A A A"),
          row(
              "3.10.7.4, first",
              "data partly left of the window",
              at -> data(10).seq(at.rcvNxt - 5).ack(at.sndUna),
              "R R A+5 A+5 A+5 - - - -"),
          row(
              "3.10.7.4, first",
              "data right of the window",
              at -> data(10).seq(at.rcvNxt + at.rcvWnd).ack(at.sndUna),
              "R A A A A A A A A"),
          row(
              "3.10.7.4, seventh",
              "data behind a gap",
              at -> data(10).seq(at.rcvNxt + 5).ack(at.sndUna),
              "R R A A A - - - -"),
          row(
              "3.10.7.4, fifth",
              "data that acknowledges the future",
              at -> data(10).seq(at.rcvNxt).ack(at.sndNxt + 1),
              "R R A A A A A A A"),
          row(
              "3.10.7.4, fifth",
              "data without ACK",
              at -> odd(0, 10).seq(at.rcvNxt),
              "- - - - - - - - -"),
          row(
              "3.10.7.4, seventh; RFC 6093 3",
              "urgent data, which is data",
              at -> odd(Segment.ACK | 0x20, 10).seq(at.rcvNxt).ack(at.sndUna),
              "R R A+10 A+10 A+10 - - - -"),
          row(
              "3.10.7.4, eighth",
              "FIN in order",
              at -> fin().seq(at.rcvNxt).ack(at.sndUna),
              "R R A>CLOSE_WAIT A>CLOSING A>TIME_WAIT - - - -"),
          row(
              "3.10.7.4, fifth and eighth",
              "FIN in order that acknowledges all",
              at -> fin().seq(at.rcvNxt).ack(at.sndNxt),
              "- A>CLOSE_WAIT A>CLOSE_WAIT A>TIME_WAIT A>TIME_WAIT - ->TIME_WAIT ->CLOSED -"),
          row(
              "3.10.7.4, first; 3.6.1",
              "FIN left of the window, as one that comes again",
              at -> fin().seq(at.rcvNxt - 1).ack(at.sndUna),
              "R A A A A A A A A"),
          row(
              "3.10.7.4, eighth",
              "FIN behind a gap",
              at -> fin().seq(at.rcvNxt + 5).ack(at.sndUna),
              "R R A A A - - - -"),
          row(
              "3.10.7.4, first",
              "FIN right of the window",
              at -> fin().seq(at.rcvNxt + at.rcvWnd).ack(at.sndUna),
              "R A A A A A A A A"),
          row(
              "3.10.7.4, fifth",
              "FIN without ACK",
              at -> odd(Segment.FIN, 0).seq(at.rcvNxt),
              "- - - - - - - - -"));

  private static Row row(String section, String kind, Function<At, Seg> segment, String cells) {
    return new Row(section, kind, segment, cells);
  }

  @TestFactory
  List<DynamicTest> everySegmentInEveryState() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Row row : ROWS) {
      String[] cells = row.cells.split(" ", -1);
      assertThat(cells).as(row.kind).hasSize(STATES.size());
      for (int i = 0; i < cells.length; i++) {
        TcpState state = STATES.get(i);
        String cell = cells[i];
        for (Peer peer : Peer.values()) {
          String name = row.section + ": " + row.kind + " in " + state + ", " + peer;
          tests.add(DynamicTest.dynamicTest(name, () -> check(row, state, cell, peer)));
        }
      }
    }
    return tests;
  }

  private static void check(Row row, TcpState state, String cell, Peer peer) {
    Script script = StateScripts.in(state, peer);
    Tcb tcb = script.tcb();
    int before = tcb.readable();
    At at =
        new At(
            script.theirs(tcb.input.next()),
            tcb.input.window(),
            script.ours(tcb.una),
            script.ours(tcb.nxt),
            tcb.maxWindow);
    Seg segment = row.segment.apply(at);
    script.inject(segment);
    switch (cell.charAt(0)) {
      case 'A' -> script.expect(ack().ack(script.theirs(tcb.input.next())));
      case 'R' -> script.expect(rst().seq(segment.ack));
      case 'S' -> script.expect(synAck().seq(0).ack(segment.seq + 1));
      default -> {}
    }
    script.expectNothing();
    int arrow = cell.indexOf('>');
    script.state(arrow < 0 ? state : TcpState.valueOf(cell.substring(arrow + 1)));
    int plus = cell.indexOf('+');
    int more =
        plus < 0
            ? 0
            : Integer.parseInt(cell.substring(plus + 1, arrow < 0 ? cell.length() : arrow));
    if (script.tcb().state() != TcpState.CLOSED) {
      script.readable(before + more);
    }
  }
}
