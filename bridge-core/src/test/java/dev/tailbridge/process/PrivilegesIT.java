package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailbridge.lab.Sandbox;
import dev.tailbridge.lab.SideBySide;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole road with as little as a process can have. A green run as root would hide that sockets
 * of an unprivileged Tailscale node are bound to the default route's interface.
 */
@SideBySide
class PrivilegesIT {

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private Sandbox sandbox;

  @BeforeEach
  void open() {
    sandbox = new Sandbox();
  }

  @AfterEach
  void close() {
    sandbox.close();
  }

  @Test
  void anOrdinaryUserWithoutAnyCapabilityRunsIt() {
    Sandbox.Outcome outcome =
        sandbox.shell(LIMIT, "exec " + Sandbox.unprivileged(sandbox.demoCheck()));
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  /** A network namespace has nothing but its own loopback: no interface, no default route. */
  @Test
  @Tag("root")
  void withoutADefaultRouteAndWithOnlyOneWritableFolder() {
    assumeTrue(Sandbox.root(), "needs root, to make namespaces with unshare");
    Sandbox.Outcome outcome =
        sandbox.shellInNamespaces(
            LIMIT,
            "ip link set lo up",
            "mount --bind " + sandbox.writable() + " " + sandbox.writable(),
            "mount -o remount,bind,ro /",
            "if touch /tmp/tailbridge-writable 2>/dev/null; then echo not read-only; exit 9; fi",
            "exec " + Sandbox.unprivileged(sandbox.demoCheck()));
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  @Tag("root")
  void aStateDirectoryMountedNoexecIsNamedWithTheRemedy() {
    assumeTrue(Sandbox.root(), "needs root, to mount with noexec");
    Sandbox.Outcome outcome =
        sandbox.shellInNamespaces(
            LIMIT,
            "ip link set lo up",
            "mount -t tmpfs -o noexec,mode=777 tmpfs " + sandbox.writable(),
            "exec " + Sandbox.unprivileged(sandbox.demoCheck()));
    assertThat(outcome.code()).as(outcome.output()).isEqualTo(1);
    assertThat(outcome.output()).contains("noexec").doesNotContain("\tat ");
  }
}
