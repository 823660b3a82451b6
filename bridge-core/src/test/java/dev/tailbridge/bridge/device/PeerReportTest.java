package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tailbridge.wireguard.StaleInitiations;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PeerReportTest {

  private static final Instant NOW = Instant.parse("2026-11-24T16:00:00Z");
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private final Logger logger = (Logger) LoggerFactory.getLogger("device");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final PeerReport report =
      new PeerReport(new DeviceLog("greenhouse"), InstantSource.fixed(NOW));

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void aClockAt1970IsNamedAndHowOftenItWasRescued() {
    long sinceBoot = TimeUnit.MINUTES.toNanos(7);
    long behind = TimeUnit.MILLISECONDS.toNanos(NOW.toEpochMilli()) - sinceBoot;
    report.staleInitiation(behind, SOURCE, StaleInitiations.REVERSE);
    assertThat(said()).as("how the rescue goes is told next").isEmpty();
    report.rescued(StaleInitiations.REVERSE);
    report.staleInitiation(behind, SOURCE, StaleInitiations.REVERSE);
    report.rescued(StaleInitiations.REVERSE);
    String cause =
        "its clock is at 1970-01-01 00:07 UTC, 56 years behind, so its handshakes are refused:"
            + " enable SNTP, and let it ask outside of the tunnel, before it connects; rescued ";
    assertThat(report.findings())
        .containsExactly(
            new Finding(Finding.Kind.STALE_CLOCK, cause + "2 times", 2, NOW.toEpochMilli()));
    assertThat(said())
        .containsExactly("was connected by a handshake of the bridge's own: " + cause + "once");
    assertThat(report.timesRescued()).isEqualTo(2);
    assertThat(report.clockBehind()).isEqualTo(Duration.ofNanos(behind));
  }

  @Test
  void aTentativeRescueIsCalledSo() {
    report.staleInitiation(TimeUnit.HOURS.toNanos(3), SOURCE, StaleInitiations.TENTATIVE);
    report.rescued(StaleInitiations.TENTATIVE);
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("was connected tentatively: its clock");
    report.notRescued(StaleInitiations.TENTATIVE);
    assertThat(said()).last().asString().doesNotContain("stale_clock");
  }

  @Test
  void aStaleInitiationThatIsOnlyDroppedIsALineOfItsOwn() {
    report.staleInitiation(TimeUnit.HOURS.toNanos(3), SOURCE, StaleInitiations.DROP);
    assertThat(said()).singleElement().asString().contains("3 hours behind", "127.0.0.1:4711");
  }

  @Test
  void aTimestampThatIsNoTimeIsNotReadAsOne() {
    report.staleInitiation(Long.MAX_VALUE, SOURCE, StaleInitiations.DROP);
    assertThat(said()).singleElement().asString().contains("its timestamps are no times");
  }

  @Test
  void aTimestampThatIsHardlyBehindIsNoWrongClock() {
    report.staleInitiation(TimeUnit.SECONDS.toNanos(5), SOURCE, StaleInitiations.DROP);
    report.staleInitiation(-TimeUnit.DAYS.toNanos(5), SOURCE, StaleInitiations.DROP);
    assertThat(said()).singleElement().asString().contains("its clock jumped back");
    assertThat(report.findings()).singleElement().extracting(Finding::times).isEqualTo(2L);
  }

  @Test
  void whatSomebodyCanMendIsFoundAndSaidOnce() {
    for (int i = 0; i < 3; i++) {
      report.notRescued(StaleInitiations.REVERSE);
      report.clockAhead(TimeUnit.DAYS.toNanos(9000));
      report.presharedKeyDiffers();
      report.unconfirmed();
      report.foreignSource();
    }
    assertThat(report.findings())
        .hasSize(5)
        .allSatisfy(finding -> assertThat(finding.times()).isEqualTo(3))
        .extracting(finding -> finding.kind().word())
        .containsExactly(
            "not_rescued", "clock_ahead", "preshared_key", "unconfirmed", "foreign_source");
    assertThat(said())
        .as("a line a minute and cause")
        .isEqualTo(
            List.of(0, 1, 2, 3, 4).stream().map(i -> report.findings().get(i).text()).toList());
    assertThat(said()).anyMatch(line -> line.startsWith("its clock is 24 years ahead"));
  }

  @Test
  void aMoveTellsANatFromAnotherPlace() throws Exception {
    report.moved(SOURCE, new InetSocketAddress(SOURCE.getAddress(), 5));
    assertThat(said()).containsExactly("moved from 127.0.0.1:4711 to port 5, as behind a NAT");
    PeerReport other = new PeerReport(new DeviceLog("hall"), InstantSource.fixed(NOW));
    other.moved(SOURCE, new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 5));
    assertThat(said()).contains("moved from 127.0.0.1:4711 to 127.0.0.2:5");
  }

  private List<String> said() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
