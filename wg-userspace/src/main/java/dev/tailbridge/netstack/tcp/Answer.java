package dev.tailbridge.netstack.tcp;

/** To which transmission an acknowledgment is the answer, as its timestamp tells (RFC 3522 3.2). */
enum Answer {
  TO_FIRST_TRANSMISSION,
  TO_LATER_TRANSMISSION,
  UNKNOWN
}
