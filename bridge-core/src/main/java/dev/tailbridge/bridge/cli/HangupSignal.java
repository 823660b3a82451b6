package dev.tailbridge.bridge.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, by which one asks a service to load its configuration again.
 *
 * <p>The JVM's own way to signals is not part of Java, so it is looked for at run time: without it
 * the file is still watched.
 */
final class HangupSignal {
  private static final Logger logger = LoggerFactory.getLogger(HangupSignal.class);

  private HangupSignal() {}

  /** Runs {@code work} on a thread of the JVM's own at each SIGHUP, which then ends nothing. */
  static void handle(Runnable work) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> answer(proxy, method, arguments, work));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
    } catch (ReflectiveOperationException | RuntimeException e) {
      logger.debug("SIGHUP cannot be handled", e);
    }
  }

  private static Object answer(Object proxy, Method method, Object[] arguments, Runnable work) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "SIGHUP";
      default -> {
        work.run();
        yield proxy; // nobody looks at what handle() returns
      }
    };
  }
}
