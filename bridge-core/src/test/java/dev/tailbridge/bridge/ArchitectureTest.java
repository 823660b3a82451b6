package dev.tailbridge.bridge;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Which package may know which. Rooms that do not exist yet are held by the same lines once they
 * do.
 */
@AnalyzeClasses(
    packages = "dev.tailbridge",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {

  /** Test classes of other modules come as a jar once those are packaged. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String BRIDGE = "dev.tailbridge.bridge";
  private static final String CONFIG = "dev.tailbridge.bridge.config..";
  private static final String DEVICE = "dev.tailbridge.bridge.device..";
  private static final String FORWARD = "dev.tailbridge.bridge.forward..";
  private static final String FORWARDING_CORE = "dev.tailbridge.bridge.forward";
  private static final String GATEWAY = "dev.tailbridge.bridge.gateway..";
  private static final String SERVICE = "dev.tailbridge.bridge.service..";
  private static final String STATE = "dev.tailbridge.bridge.state..";
  private static final String CLI = "dev.tailbridge.bridge.cli..";
  private static final String ROOMS = "dev.tailbridge.bridge..";

  /** The bridge's rooms but these. */
  private static DescribedPredicate<JavaClass> roomsOtherThan(String... allowed) {
    return resideInAPackage(ROOMS)
        .and(DescribedPredicate.not(resideInAnyPackage(allowed)))
        .as("rooms of the bridge other than %s", String.join(", ", allowed));
  }

  @ArchTest
  static final ArchRule nothingKnowsTheCommands =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CLI);

  @ArchTest
  static final ArchRule commandsKnowTheBridgeAndItsConfiguration =
      noClasses()
          .that()
          .resideInAPackage(CLI)
          .should()
          .dependOnClassesThat(roomsOtherThan(BRIDGE, CONFIG, CLI))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule configurationKnowsNoOtherRoom =
      noClasses()
          .that()
          .resideInAPackage(CONFIG)
          .should()
          .dependOnClassesThat(roomsOtherThan(CONFIG))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule forwardingKnowsNoOtherRoom =
      noClasses()
          .that()
          .resideInAPackage(FORWARD)
          .should()
          .dependOnClassesThat(roomsOtherThan(FORWARD));

  @ArchTest
  static final ArchRule devicesKnowForwardingAndState =
      noClasses()
          .that()
          .resideInAPackage(DEVICE)
          .should()
          .dependOnClassesThat(roomsOtherThan(DEVICE, FORWARD, STATE))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule gatewaysKnowDevicesAndForwarding =
      noClasses()
          .that()
          .resideInAPackage(GATEWAY)
          .should()
          .dependOnClassesThat(roomsOtherThan(GATEWAY, DEVICE, FORWARD));

  @ArchTest
  static final ArchRule servicesKnowOnlyTheirHost =
      noClasses()
          .that()
          .resideInAPackage(SERVICE)
          .should()
          .dependOnClassesThat(
              roomsOtherThan(SERVICE, FORWARD).or(resideInAPackage("dev.tailbridge.tailnet..")));

  @ArchTest
  static final ArchRule forwardingDoesNoInputOrOutput =
      noClasses()
          .that()
          .resideInAPackage(FORWARDING_CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.netty.channel..",
              "io.netty.bootstrap..",
              "io.netty.handler..",
              "org.slf4j..",
              "java.util.logging..",
              "java.nio.channels..",
              "java.io..",
              "java.nio.file..")
          .because("a protocol core takes packets and times and returns packets and deadlines");

  @ArchTest
  static final ArchRule forwardingKnowsNoClockAndNoThread =
      noClasses()
          .that()
          .resideInAPackage(FORWARDING_CORE)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.time.Clock.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.util.concurrent.Executor.class)
          .because("time is a parameter, and a core belongs to one event loop");

  @ArchTest
  static final ArchRule tailnetKnowsOfTheStackOnlyTheLink =
      noClasses()
          .that()
          .resideInAPackage("dev.tailbridge.tailnet..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("dev.tailbridge.wireguard..", "dev.tailbridge.ip..", ROOMS)
                  .or(
                      resideInAPackage("dev.tailbridge.netstack..")
                          .and(
                              DescribedPredicate.not(
                                  JavaClass.Predicates.simpleNameStartingWith("Packet")))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule librariesDoNotKnowTheBridge =
      classes()
          .that()
          .resideInAnyPackage(
              "dev.tailbridge.ip..", "dev.tailbridge.netstack..", "dev.tailbridge.wireguard..")
          .should()
          .onlyDependOnClassesThat(
              DescribedPredicate.not(resideInAnyPackage(ROOMS, "dev.tailbridge.tailnet..")));
}
