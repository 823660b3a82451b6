package dev.tailbridge.netstack.tcp;

/**
 * Finds losses and says what to send again and how much: fast retransmit and NewReno recovery (RFC
 * 5681, 6582), recovery by the scoreboard (RFC 6675), limited transmit (RFC 3042), early retransmit
 * (RFC 5827), and the way back after a timeout; which is short when nothing was lost (RFC 3522,
 * 4015 and 5682).
 *
 * <p>Sequence numbers here are of what was sent: {@code una} to {@code nxt} of RFC 9293, which the
 * caller passes in.
 */
final class LossRecovery {

  private enum Phase {
    OPEN,
    FAST,
    TIMEOUT
  }

  /** Whether a repair may be of something that was not lost, and what can still show it. */
  private enum Doubt {
    NONE,
    /** An answer to the first transmission shows it: Eifel (RFC 3522 3.2). */
    ECHO,
    /** So does it, and without timestamps this answer and the next (RFC 5682 2.1). */
    FIRST_ANSWER,
    /** New data was sent instead of old; if its answer moves forward nothing was lost. */
    SECOND_ANSWER
  }

  private static final int THRESHOLD = 3;

  private final CongestionControl congestion;
  private final Scoreboard scoreboard;
  private boolean sack;
  private int mss = 536;

  private Phase phase = Phase.OPEN;

  /** RecoveryPoint: SND.NXT when the loss was found. */
  private int recover;

  /** HighRxt + 1: below it everything missing was sent again. */
  private int resent;

  /** SND.UNA at the last timeout. */
  private int timedOutAt;

  private int duplicates;

  /** By how much SND.UNA moved at last. */
  private int leap;

  /** What a timeout gave up was repaired to its end, as far as {@link #recover}. */
  private boolean wayBackDone;

  /** Without SACK: segments that duplicate acknowledgments say have left the network, in bytes. */
  private int inflation;

  private boolean resendFirst;
  private boolean rescued;
  private Doubt doubt = Doubt.NONE;

  /** Up to where new data may go that clears up a doubt. */
  private int trialEnd;

  /** Everything missing below is lost for sure, whatever the scoreboard makes of it. */
  private int surelyLost;

  LossRecovery(CongestionControl congestion, Scoreboard scoreboard) {
    this.congestion = congestion;
    this.scoreboard = scoreboard;
  }

  void begin(int initialSequence, int segmentSize, boolean selective) {
    recover = initialSequence;
    resent = initialSequence + 1;
    mss = segmentSize;
    sack = selective;
  }

  /** Whether a loss is being repaired. */
  boolean active() {
    return phase != Phase.OPEN;
  }

  /**
   * SND.UNA moved forward to {@code una} by so many bytes.
   *
   * @param answered whether what was sent first is answered, or what was sent again
   * @param moreToSend whether unsent data is at hand that the peer's window allows
   */
  void advanced(int una, int nxt, int bytes, boolean limited, Answer answered, boolean moreToSend) {
    duplicates = 0;
    leap = bytes;
    resent = Seq.later(resent, una);
    if (isSpurious(answered)) {
      congestion.undone(nxt - una);
      phase = Phase.OPEN;
      if (sack) {
        // What is still on its way was not repaired, so the scoreboard may find it lost.
        recover = una;
      }
      doubt = Doubt.NONE;
      inflation = 0;
      resendFirst = false;
      return;
    }
    // RFC 5682 2.1 step 2; what acknowledges all of it says nothing.
    boolean trial =
        doubt == Doubt.FIRST_ANSWER
            && answered == Answer.UNKNOWN
            && moreToSend
            && Seq.before(una, recover);
    doubt = trial ? Doubt.SECOND_ANSWER : Doubt.NONE;
    trialEnd = nxt + 2 * mss;
    repair(una, nxt, bytes, limited);
  }

  private boolean isSpurious(Answer answered) {
    return doubt == Doubt.SECOND_ANSWER
        || (doubt != Doubt.NONE && answered == Answer.TO_FIRST_TRANSMISSION);
  }

  private void repair(int una, int nxt, int bytes, boolean limited) {
    switch (phase) {
      case OPEN -> {
        inflation = 0;
        // It follows, or it would lie in the future 2 GiB later (RFC 9293 3.4).
        recover = Seq.later(recover, una - 1);
        congestion.acknowledged(bytes, limited, false);
      }
      case FAST -> {
        if (Seq.atOrAfter(una, recover)) {
          phase = Phase.OPEN;
          inflation = 0;
          resendFirst = false;
          congestion.recovered(nxt - una);
        } else if (!sack) {
          // RFC 6582 3.2 step 3: the next hole is known, send it at once.
          resendFirst = true;
          inflation = Math.max(0, inflation - bytes) + (bytes >= mss ? mss : 0);
        }
      }
      case TIMEOUT -> {
        congestion.acknowledged(bytes, true, true);
        if (Seq.atOrAfter(una, recover)) {
          phase = Phase.OPEN;
          wayBackDone = true;
        }
      }
    }
  }

  /**
   * A duplicate acknowledgment arrived, by RFC 5681's or, with SACK, by RFC 6675's definition.
   *
   * @param moreToSend whether unsent data is at hand that the peer's window allows
   */
  void duplicate(int una, int nxt, boolean moreToSend) {
    duplicates++;
    if (doubt == Doubt.FIRST_ANSWER || doubt == Doubt.SECOND_ANSWER) {
      // RFC 5682 2.1 steps 2a and 3a.
      doubt = Doubt.ECHO;
    }
    if (phase == Phase.FAST && !sack) {
      inflation += mss;
      return;
    }
    if (phase != Phase.OPEN) {
      return;
    }
    int flight = nxt - una;
    boolean lost =
        duplicates >= threshold(flight, moreToSend)
            || (sack && Seq.after(scoreboard.lossEdge(una, mss), una));
    if (lost && mayRecover(una)) {
      enterFast(una, nxt);
    } else if (!sack) {
      // RFC 3042 2: two segments beyond the window.
      inflation = Math.min(duplicates, THRESHOLD - 1) * mss;
    }
  }

  /**
   * RFC 6582 3.2 step 2: duplicates of what was repaired before are no new loss; its 4.1 tells them
   * by the leap that the acknowledgment made over them. The scoreboard knows better (RFC 6675 5).
   */
  private boolean mayRecover(int una) {
    return sack
        ? Seq.atOrAfter(una, recover)
        : Seq.after(una, recover)
            || (wayBackDone && una == recover && congestion.window() > mss && leap <= 4 * mss);
  }

  /** Whether duplicates came, but not enough of them to be sure of a loss. */
  boolean suspects(int una, int nxt) {
    return phase == Phase.OPEN && duplicates > 0 && nxt - una > mss && mayRecover(una);
  }

  /**
   * What was suspected is still missing, longer than reordering takes: with a window of few
   * segments, of which one was acknowledged together with what came before the gap, three
   * duplicates never come (RFC 5827 3, with the delay of RFC 8985 6.2 step 2).
   */
  void confirmed(int una, int nxt) {
    if (suspects(una, nxt)) {
      enterFast(una, nxt);
    }
  }

  /** RFC 5827 3.1: with fewer than four segments on their way three duplicates cannot come. */
  private int threshold(int flight, boolean moreToSend) {
    if (flight >= 4 * mss || moreToSend) {
      return THRESHOLD;
    }
    int segments = (flight + mss - 1) / mss;
    return segments < 2 ? THRESHOLD : Math.min(THRESHOLD, segments - 1);
  }

  private void enterFast(int una, int nxt) {
    int flight = Math.min(nxt - una, congestion.window() + mss);
    congestion.lossDetected(flight);
    phase = Phase.FAST;
    recover = nxt;
    resent = una;
    resendFirst = true;
    rescued = false;
    doubt = Doubt.ECHO;
    surelyLost = una;
    // RFC 5681 3.2 step 3.
    inflation = sack ? 0 : duplicates * mss;
  }

  /** The retransmission timer expired (RFC 6298 5.4 to 5.6). */
  void timedOut(int una, int nxt) {
    boolean again = phase == Phase.TIMEOUT && una == timedOutAt;
    timedOutAt = una;
    congestion.timedOut(nxt - una, again);
    if (again || scoreboard.firstMissing(una) != una) {
      // RFC 2018 8: the peer may have dropped what it said it holds. It did when it holds the left
      // edge and does not acknowledge it.
      scoreboard.clear();
    }
    boolean fresh = phase == Phase.OPEN;
    giveUpFlight(una, nxt);
    doubt = fresh ? Doubt.FIRST_ANSWER : again ? Doubt.ECHO : Doubt.NONE;
  }

  /**
   * The probe of a tail arrived and something before it did not, of which it was sent two round
   * trips later: that is lost (RFC 8985 6.2 step 5).
   */
  void tailArrived(int una, int nxt) {
    if (phase == Phase.OPEN && mayRecover(una)) {
      enterFast(una, nxt);
      surelyLost = scoreboard.highest();
    }
  }

  /** One loss was repaired before anything else noticed it (RFC 8985 7.4.2). */
  void tailRepaired(int una, int nxt) {
    if (phase == Phase.OPEN) {
      congestion.lossDetected(congestion.window());
      congestion.recovered(nxt - una);
    }
  }

  /**
   * The link below carried nothing for a while: all of it is lost, and not by congestion; the path
   * may be another one now.
   */
  void linkLost(int una, int nxt) {
    congestion.begin(mss, /* synWasLost= */ false);
    giveUpFlight(una, nxt);
  }

  /** Segments become smaller; those on their way are lost for their size, not by congestion. */
  void segmentsShrink(int segmentSize, int una, int nxt) {
    mss = segmentSize;
    congestion.segmentsShrink(segmentSize);
    giveUpFlight(una, nxt);
  }

  /** Everything on its way counts as lost. */
  private void giveUpFlight(int una, int nxt) {
    phase = Phase.TIMEOUT;
    wayBackDone = false;
    recover = nxt;
    resent = una;
    duplicates = 0;
    inflation = 0;
    resendFirst = false;
    doubt = Doubt.NONE;
  }

  /** Bytes that may be sent now; negative when too much is on its way. */
  int allowance(int una, int nxt) {
    if (doubt == Doubt.SECOND_ANSWER) {
      return trialEnd - nxt;
    }
    if (phase == Phase.OPEN && sack) {
      return congestion.window() + scoreboard.total() - (nxt - una);
    }
    if (phase == Phase.TIMEOUT || (phase == Phase.FAST && sack)) {
      return congestion.window() - pipe(una, nxt);
    }
    return congestion.window() + inflation - (nxt - una);
  }

  /** RFC 6675 4, SetPipe. */
  private int pipe(int una, int nxt) {
    return scoreboard.missing(lossEdge(una), nxt) + scoreboard.missing(una, resent);
  }

  private int lossEdge(int una) {
    // After a timeout everything that was on its way is given up (RFC 5681 3.1).
    return phase == Phase.TIMEOUT
        ? Seq.later(recover, una)
        : Seq.later(scoreboard.lossEdge(una, mss), surelyLost);
  }

  /** The first segment is due whatever the window says (RFC 5681 3.2, RFC 6675 5 step 4.3). */
  boolean takeResendFirst() {
    boolean due = resendFirst;
    resendFirst = false;
    return due;
  }

  /**
   * Where the next loss begins that has to be sent again (RFC 6675 4, NextSeg rule 1); {@code nxt}
   * for nothing.
   */
  int nextLoss(int una, int nxt) {
    if (phase == Phase.OPEN || (phase == Phase.FAST && !sack) || doubt == Doubt.SECOND_ANSWER) {
      return nxt;
    }
    int candidate = scoreboard.firstMissing(Seq.later(resent, una));
    return Seq.before(candidate, lossEdge(una)) ? candidate : nxt;
  }

  /**
   * With nothing new to send: a hole that is not known to be lost (NextSeg rule 3), and once the
   * end of what was sent (rule 4); {@code nxt} for nothing.
   */
  int nextGuess(int una, int nxt) {
    if (phase != Phase.FAST || !sack) {
      return nxt;
    }
    int candidate = scoreboard.firstMissing(Seq.later(resent, una));
    if (!scoreboard.isEmpty() && Seq.before(candidate, scoreboard.highest())) {
      return candidate;
    }
    if (!rescued && Seq.before(candidate, nxt) && Seq.after(recover, una)) {
      rescued = true;
      int last = Seq.later(candidate, recover - mss);
      return Seq.before(last, recover) ? last : nxt;
    }
    return nxt;
  }

  /** Where a piece to be sent again must end at the latest. */
  int pieceEnd(int start, int nxt) {
    return scoreboard.missingUntil(start, nxt);
  }

  /** A piece went out again. The rescue of rule 4 lies ahead of holes and counts for nothing. */
  void resent(int start, int end, int una) {
    if (Seq.atOrBefore(start, scoreboard.firstMissing(Seq.later(resent, una)))) {
      resent = Seq.later(resent, end);
    }
  }

  /** The peer's window opened: what probed it was probably dropped. */
  void resendFirst() {
    resendFirst = true;
  }
}
