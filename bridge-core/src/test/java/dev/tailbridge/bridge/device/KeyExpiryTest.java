package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tailbridge.tailnet.NodeState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** In virtual time, one look an hour. */
class KeyExpiryTest {

  private static final Instant END = Instant.parse("2027-03-01T12:00:00Z");

  private final Logger logger = (Logger) LoggerFactory.getLogger("device");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Instant now = END.minus(Duration.ofDays(180));
  private final KeyExpiry withKey = new KeyExpiry(new DeviceLog("greenhouse"), () -> now, true);
  private final KeyExpiry without = new KeyExpiry(new DeviceLog("greenhouse"), () -> now, false);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void theEndIsToldThirtyDaysAheadAndAgainAsItComesNear() {
    without.nodeChanged(NodeStatuses.expiring(END));
    for (int hour = 0; hour < 149 * 24; hour++) {
      pass(without, Duration.ofHours(1));
    }
    assertThat(without.finding()).isNull();
    assertThat(lines.list).isEmpty();
    pass(without, Duration.ofHours(24));
    assertThat(without.finding().kind()).isEqualTo(Finding.Kind.KEY_EXPIRY);
    assertThat(said())
        .containsExactly(
            "the key of its tailnet node ends on 2027-03-01; somebody must log it in again then. To"
                + " have no end, switch off key expiry for this machine at the control server, or"
                + " give it tags");
    for (int hour = 0; hour < 30 * 24 - 1; hour++) {
      pass(without, Duration.ofHours(1));
    }
    assertThat(lines.list).as("30, 14, 7, 3, 2, 1 and 0 days").hasSize(7);
    assertThat(without.finding().times()).isEqualTo(7);
    pass(without, Duration.ofHours(2));
    pass(without, Duration.ofHours(2));
    assertThat(said())
        .hasSize(8)
        .last()
        .isEqualTo(
            "the key of its tailnet node ended on 2027-03-01; log it in again at the login URL");
  }

  @Test
  void aBridgeThatStartsLateSaysItOnce() {
    now = END.minus(Duration.ofDays(5));
    withKey.nodeChanged(NodeStatuses.expiring(END));
    withKey.nodeChanged(NodeStatuses.expiring(END));
    assertThat(said())
        .singleElement()
        .asString()
        .contains("2027-03-01; the bridge then logs it in again with the credential");
  }

  @Test
  void aNodeThatWaitsForItsLoginStillSaysWhy() {
    now = END.plusSeconds(60);
    withKey.nodeChanged(NodeStatuses.expiring(END));
    withKey.nodeChanged(NodeStatuses.needsLogin("https://login.test/a", ""));
    assertThat(withKey.finding().text()).contains("ended on 2027-03-01", "put a new one there");
    assertThat(said()).hasSize(1);
  }

  @Test
  void aNewKeyEndsTheMatter() {
    now = END.plusSeconds(60);
    withKey.nodeChanged(NodeStatuses.expiring(END));
    withKey.nodeChanged(NodeStatuses.of(NodeState.STARTING));
    assertThat(withKey.finding()).isNotNull();
    withKey.nodeChanged(NodeStatuses.expiring(END.plus(Duration.ofDays(180))));
    assertThat(withKey.finding()).isNull();
    withKey.nodeChanged(NodeStatuses.expiring(END.plus(Duration.ofDays(20))));
    assertThat(withKey.finding()).isNotNull();
    withKey.nodeChanged(NodeStatuses.expiring(null));
    assertThat(withKey.finding()).as("expiry was switched off").isNull();
  }

  private void pass(KeyExpiry key, Duration time) {
    now = now.plus(time);
    key.look();
  }

  private List<String> said() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
