package dev.tailbridge.bridge.admin.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Meters about one thing, all read from the last picture of it, and all gone when it is.
 *
 * <p>Not thread-safe: {@link Metrics} allows one scrape at a time.
 */
final class Meters<T> {
  private final MeterRegistry registry;
  private final Tags tags;
  private final List<Meter> registered = new ArrayList<>();
  private T picture;

  /**
   * @param tags that all of them bear
   * @param picture the first one
   */
  Meters(MeterRegistry registry, Tags tags, T picture) {
    this.registry = registry;
    this.tags = tags;
    this.picture = picture;
  }

  /** What they are read from, from now on. */
  void show(T next) {
    picture = next;
  }

  /**
   * @param name with dots, and the unit last if there is one
   * @param value NaN where there is none now
   */
  Meters<T> gauge(String name, String text, Tags more, ToDoubleFunction<T> value) {
    registered.add(
        Gauge.builder(name, this, meters -> value.applyAsDouble(meters.picture))
            .description(text)
            .tags(tags.and(more))
            .register(registry));
    return this;
  }

  Meters<T> gauge(String name, String text, ToDoubleFunction<T> value) {
    return gauge(name, text, Tags.empty(), value);
  }

  /**
   * @param name with dots, and the unit last if there is one; without "total"
   * @param value only grows
   */
  Meters<T> counter(String name, String text, Tags more, ToDoubleFunction<T> value) {
    registered.add(
        FunctionCounter.builder(name, this, meters -> value.applyAsDouble(meters.picture))
            .description(text)
            .tags(tags.and(more))
            .register(registry));
    return this;
  }

  Meters<T> counter(String name, String text, ToDoubleFunction<T> value) {
    return counter(name, text, Tags.empty(), value);
  }

  /** Takes them out of the registry. */
  void remove() {
    registered.forEach(registry::remove);
    registered.clear();
  }
}
