package dev.tailbridge.ip;

/** Why a fragment, or what was gathered of its datagram, was thrown away. */
public enum FragmentDrop {
  /** Empty, or not a multiple of eight bytes although others follow, or beyond 65,535. */
  MALFORMED,
  /** The datagram is larger than is of use. */
  TOO_BIG,
  /** Some fragments never came. */
  INCOMPLETE,
  /** Fragments overlap otherwise than by repeating each other. */
  OVERLAP,
  /** Too many or too large datagrams at the same time. */
  TABLE_FULL
}
