package dev.tailbridge.tailnet.library;

/** Lets a test thread do what only the engine's own may: call Go, and keep its signal stack. */
public final class GoThreads {

  private GoThreads() {}

  /** The library must be open. */
  public static void enterGo() {
    for (int i = 0; i < 10; i++) {
      GoLibrary.take(GoLibrary.TailbridgeVersion());
    }
  }
}
