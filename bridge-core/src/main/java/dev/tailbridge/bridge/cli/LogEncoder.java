package dev.tailbridge.bridge.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.event.KeyValuePair;

/**
 * Writes an event as one line: RFC 3339 time in UTC, level, the event's pairs such as {@code
 * device=greenhouse}, message; or the same as a JSON object.
 *
 * <p>Whatever is logged stays one line, and tailnet keys in it are cut, in case a library or a
 * control server puts one into a message.
 */
final class LogEncoder extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** A login URL has an "authreq" in it: no secret, and useless when it is cut. */
  private static final Pattern KEY = Pattern.compile("((?:ts|hs)key-(?!authreq)[a-z]+-)[\\w-]+");

  private static final Pattern LINE_BREAK =
      Pattern.compile("\\s*[\\r\\n\\u0085\\u2028\\u2029]\\s*");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
  private static final Pattern PLAIN_VALUE = Pattern.compile("[^\\s\"=]+");
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private final LogFormat format;
  private final boolean traces;

  /**
   * @param traces whether the stack traces of exceptions are written
   */
  LogEncoder(LogFormat format, boolean traces) {
    this.format = format;
    this.traces = traces;
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    String line = format == LogFormat.JSON ? json(event) : text(event);
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private String text(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    line.append(time(event)).append(' ').append(event.getLevel());
    line.append(" ".repeat(Math.max(1, 6 - event.getLevel().toString().length())));
    for (KeyValuePair pair : pairs(event)) {
      String value = clean(String.valueOf(pair.value));
      boolean plain = PLAIN_VALUE.matcher(value).matches();
      line.append(pair.key).append('=').append(plain ? value : GSON.toJson(value)).append(' ');
    }
    line.append(message(event));
    if (traces && event.getThrowableProxy() != null) {
      line.append('\n').append(trace(event.getThrowableProxy()).stripTrailing());
    }
    return line.toString();
  }

  private String json(ILoggingEvent event) {
    JsonObject line = new JsonObject();
    line.addProperty("time", time(event));
    line.addProperty("level", event.getLevel().toString());
    line.addProperty("logger", event.getLoggerName());
    for (KeyValuePair pair : pairs(event)) {
      line.addProperty(pair.key, clean(String.valueOf(pair.value)));
    }
    line.addProperty("message", message(event));
    if (traces && event.getThrowableProxy() != null) {
      line.addProperty("trace", trace(event.getThrowableProxy()));
    }
    return GSON.toJson(line);
  }

  private static String time(ILoggingEvent event) {
    return TIME.format(Instant.ofEpochMilli(event.getTimeStamp()));
  }

  private static List<KeyValuePair> pairs(ILoggingEvent event) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    return pairs == null ? List.of() : pairs;
  }

  private static String message(ILoggingEvent event) {
    String message = String.valueOf(event.getFormattedMessage());
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      String name = thrown.getClassName();
      message += ": " + name.substring(name.lastIndexOf('.') + 1);
      message += thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
    }
    return clean(message);
  }

  private static String trace(IThrowableProxy thrown) {
    return KEY.matcher(ThrowableProxyUtil.asString(thrown)).replaceAll("$1…");
  }

  private static String clean(String text) {
    String line = LINE_BREAK.matcher(text.strip()).replaceAll(" | ");
    return KEY.matcher(CONTROL.matcher(line).replaceAll("?")).replaceAll("$1…");
  }
}
