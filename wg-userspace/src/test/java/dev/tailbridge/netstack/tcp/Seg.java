package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Segment.ACK;
import static dev.tailbridge.netstack.tcp.Segment.FIN;
import static dev.tailbridge.netstack.tcp.Segment.RST;
import static dev.tailbridge.netstack.tcp.Segment.SYN;

import org.jspecify.annotations.Nullable;

/**
 * A segment as a script writes it down: to inject, or to compare with what came. Numbers are
 * relative to the initial one of their side, so that a SYN is 0 and the first byte is 1. What is
 * left out is what {@link Script} knows anyway; see {@link Script#inject} and {@link
 * Script#expect}.
 */
final class Seg {

  final int flags;
  final int length;
  @Nullable Integer seq;
  @Nullable Integer ack;

  /** Bytes, before scaling. */
  @Nullable Integer win;

  @Nullable Integer mss;
  @Nullable Integer shift;
  @Nullable Boolean sackPermitted;

  /** Whether the option is there; null for as it was negotiated. */
  @Nullable Boolean timestamps;

  @Nullable Integer tsval;
  @Nullable Integer tsecr;

  /** Relative numbers, start and end in turn; null for not said. */
  int @Nullable [] sack;

  /** Whether PSH is set; null for whatever. */
  @Nullable Boolean push;

  boolean refused;

  private Seg(int flags, int length) {
    this.flags = flags;
    this.length = length;
  }

  static Seg syn() {
    return new Seg(SYN, 0);
  }

  static Seg synAck() {
    return new Seg(SYN | ACK, 0);
  }

  static Seg ack() {
    return new Seg(ACK, 0);
  }

  static Seg data(int length) {
    return new Seg(ACK, length);
  }

  static Seg fin() {
    return new Seg(FIN | ACK, 0);
  }

  /** Data with a FIN behind it. */
  static Seg dataFin(int length) {
    return new Seg(FIN | ACK, length);
  }

  static Seg rst() {
    return new Seg(RST, 0);
  }

  static Seg rstAck() {
    return new Seg(RST | ACK, 0);
  }

  /** Any flags, for what nobody should send. */
  static Seg odd(int flags, int length) {
    return new Seg(flags, length);
  }

  Seg seq(int relative) {
    seq = relative;
    return this;
  }

  Seg ack(int relative) {
    ack = relative;
    return this;
  }

  Seg win(int bytes) {
    win = bytes;
    return this;
  }

  Seg mss(int bytes) {
    mss = bytes;
    return this;
  }

  /** The window scale option; -1 for none. */
  Seg shift(int bits) {
    shift = bits;
    return this;
  }

  Seg sackPermitted(boolean there) {
    sackPermitted = there;
    return this;
  }

  Seg timestamps(boolean there) {
    timestamps = there;
    return this;
  }

  Seg ts(int value, int echo) {
    timestamps = true;
    tsval = value;
    tsecr = echo;
    return this;
  }

  Seg tsecr(int echo) {
    tsecr = echo;
    return this;
  }

  /** Exactly these blocks; none means that there must be none. */
  Seg sack(int... edges) {
    sack = edges;
    return this;
  }

  Seg push(boolean set) {
    push = set;
    return this;
  }

  /** The receiver will not take it: it may come again. */
  Seg refused() {
    refused = true;
    return this;
  }

  /** SEG.LEN. */
  int sequenceLength() {
    return length + ((flags & SYN) != 0 ? 1 : 0) + ((flags & FIN) != 0 ? 1 : 0);
  }
}
