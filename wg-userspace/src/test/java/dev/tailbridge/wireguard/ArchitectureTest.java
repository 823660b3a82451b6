package dev.tailbridge.wireguard;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.Executor;

/** What the protocol cores of this module may know: bytes, and the time they are told. */
@AnalyzeClasses(packages = "dev.tailbridge", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String IP = "dev.tailbridge.ip..";
  private static final String[] CORES = {
    "dev.tailbridge.wireguard.protocol..",
    "dev.tailbridge.wireguard.routing..",
    "dev.tailbridge.wireguard.crypto..",
    "dev.tailbridge.netstack.tcp..",
    IP
  };

  @ArchTest
  static final ArchRule coresKnowNoNettyButBuffersInIp =
      noClasses()
          .that()
          .resideInAnyPackage(CORES)
          .and()
          .resideOutsideOfPackage(IP)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..");

  @ArchTest
  static final ArchRule ipKnowsBuffersOnly =
      noClasses()
          .that()
          .resideInAPackage(IP)
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.netty..").and(not(resideInAPackage("io.netty.buffer.."))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule coresDoNotLogOrOpenAnything =
      noClasses()
          .that()
          .resideInAnyPackage(CORES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.slf4j..",
              "java.util.logging..",
              "java.io..",
              "java.nio.file..",
              "java.nio.channels..")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Executor.class)
          .because("a core belongs to one event loop");

  @ArchTest
  static final ArchRule coresReadNoClock =
      noClasses()
          .that()
          .resideInAnyPackage(CORES)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);
}
