package dev.tailbridge.tailnet;

/** Where a node stands between its start and the tailnet; the words are Tailscale's. */
public enum NodeState {
  /** Just started, or its state store failed. */
  NO_STATE("NoState"),
  /** Waits for a login: see {@link NodeStatus#authUrl()}. */
  NEEDS_LOGIN("NeedsLogin"),
  /** Logged in, waits for an administrator's approval. */
  NEEDS_MACHINE_AUTH("NeedsMachineAuth"),
  /** Has its network map, looks for a relay or a peer. */
  STARTING("Starting"),
  /** In the tailnet. */
  RUNNING("Running"),
  /** Switched off by {@link TailnetNode#setWantRunning}. */
  STOPPED("Stopped");

  private final String word;

  NodeState(String word) {
    this.word = word;
  }

  /** The state that Tailscale calls by this word; {@link #NO_STATE} for a word not known. */
  static NodeState of(String word) {
    for (NodeState state : values()) {
      if (state.word.equals(word)) {
        return state;
      }
    }
    return NO_STATE;
  }

  @Override
  public String toString() {
    return word;
  }
}
