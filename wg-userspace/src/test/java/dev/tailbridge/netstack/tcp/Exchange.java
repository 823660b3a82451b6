package dev.tailbridge.netstack.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened in a script, printed like a packet dump: {@code >} is what our side sent. */
final class Exchange {

  private static final int MOST_LINES = 40;

  private final List<String> lines = new ArrayList<>();

  /** Initial sequence numbers, ours and theirs. */
  private int iss;

  private int irs;

  void initialNumbers(int ours, int theirs) {
    iss = ours;
    irs = theirs;
  }

  void happened(long now, String what) {
    line(now, "  " + what);
  }

  void sent(long now, Segment segment) {
    line(now, "> " + text(segment, iss, irs));
  }

  void injected(long now, Segment segment) {
    line(now, "< " + text(segment, irs, iss));
  }

  private void line(long now, String text) {
    lines.add(String.format(Locale.ROOT, "%12.6f ", now / 1e9) + text);
  }

  private static String text(Segment segment, int sender, int receiver) {
    StringBuilder text = new StringBuilder();
    text.append(segment.has(Segment.SYN) ? "S" : "").append(segment.has(Segment.FIN) ? "F" : "");
    text.append(segment.has(Segment.RST) ? "R" : "").append(segment.has(Segment.PSH) ? "P" : "");
    text.append(segment.has(Segment.ACK) ? "." : "");
    int start = segment.sequence - sender;
    text.append(' ').append(start).append(':').append(start + segment.dataLength);
    text.append('(').append(segment.dataLength).append(')');
    if (segment.has(Segment.ACK)) {
      text.append(" ack ").append(segment.acknowledgment - receiver);
    }
    text.append(" win ").append(segment.window);
    if (segment.mss != 0) {
      text.append(" mss ").append(segment.mss);
    }
    if (segment.windowScale >= 0) {
      text.append(" wscale ").append(segment.windowScale);
    }
    text.append(segment.sackPermitted ? " sackOK" : "");
    if (segment.hasTimestamps) {
      text.append(" ts ").append(segment.timestamp).append('/').append(segment.timestampEcho);
    }
    for (int i = 0; i < segment.sackBlocks; i++) {
      text.append(" sack ").append(segment.sack[2 * i] - receiver);
      text.append('-').append(segment.sack[2 * i + 1] - receiver);
    }
    return text.toString();
  }

  String describe(Segment segment) {
    return text(segment, iss, irs);
  }

  /** The last lines of it. */
  @Override
  public String toString() {
    int from = Math.max(0, lines.size() - MOST_LINES);
    String before = from == 0 ? "" : "  (" + from + " lines before)\n";
    return before + String.join("\n", lines.subList(from, lines.size())) + "\n";
  }
}
