package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.netstack.PendingConnection;
import java.util.function.Consumer;

/** A call that waits until the tailnet has said whose it is, unless its caller gives up before. */
final class WaitingCall implements CallerPolicy.Waiting {

  private final PendingConnection caller;
  private final Consumer<PendingConnection> judgeAgain;
  private boolean gone;

  WaitingCall(PendingConnection caller, Consumer<PendingConnection> judgeAgain) {
    this.caller = caller;
    this.judgeAgain = judgeAgain;
    caller.onCancelled(() -> gone = true);
  }

  @Override
  public void decided(long nowNanos) {
    if (!gone) {
      judgeAgain.accept(caller);
    }
  }

  @Override
  public void forgotten() {
    caller.ignore();
  }
}
