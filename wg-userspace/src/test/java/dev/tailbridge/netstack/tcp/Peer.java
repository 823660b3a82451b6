package dev.tailbridge.netstack.tcp;

/** The two kinds of other side that every script meets, and how we are set up towards each. */
enum Peer {
  /** An lwIP: four segments of window, and no option but the MSS. */
  PLAIN(1380, -1, false, false, 5744),
  /** A desktop: every option. */
  MODERN(1240, 7, true, true, 64_000);

  final int mss;

  /** -1 for no window scaling. */
  final int shift;

  final boolean sack;
  final boolean timestamps;

  /** The window that it offers when a script says nothing else. */
  final int window;

  Peer(int mss, int shift, boolean sack, boolean timestamps, int window) {
    this.mss = mss;
    this.shift = shift;
    this.sack = sack;
    this.timestamps = timestamps;
    this.window = window;
  }

  /** How we are set up towards it, with buffers that have their size from the beginning. */
  TcpConfig config() {
    int buffer = this == PLAIN ? 64 << 10 : 256 << 10;
    TcpConfig usual = this == PLAIN ? TcpConfig.device(1420, false) : TcpConfig.wan(1280, false);
    return usual.toBuilder().firstBuffer(buffer).buffers(buffer, buffer).build();
  }
}
