package dev.tailbridge.netstack.tcp;

/**
 * The variables of a connection (RFC 9293 3.3.1) that more than one part of it reads and sets. What
 * only one part needs is in that part.
 */
abstract class TcbVariables {

  /** SND.UNA, SND.NXT (never set back), SND.WND, SND.WL1, SND.WL2, and the greatest SND.WND. */
  int una;

  int nxt;
  int sendWindow;
  int wl1;
  int wl2;
  int maxWindow;

  /** The number after the last segment that was smaller than it could be (Minshall's SND.SML). */
  int smallEnd;

  int irs;
  boolean peerFinKnown;
  int peerFin;
  boolean finReceived;

  /** Snd.Wind.Shift and Rcv.Wind.Shift of RFC 7323. */
  int sendShift;

  int receiveShift;

  /** What a segment may carry, options that every segment has already taken off. */
  int mss;

  boolean sack;

  /** Nobody will read any more: what comes from now on resets (RFC 9293 3.6.1: SHLD-3). */
  boolean readerGone;

  boolean synDue;
  boolean synWasLost;
  boolean ackNow;
  int unacknowledgedSegments;

  /** How many acknowledgments yet are not delayed. */
  int quickAcks;

  /** One segment goes out although the window does not allow it. */
  boolean probeDue;

  /** The window of congestion, not data or the peer's window, was what ended the last sending. */
  boolean limited;

  /** When something was last acknowledged, or first sent with nothing else on its way. */
  long progressAt;

  long heardAt;
  long sentAt;

  long retransmissions;
}
