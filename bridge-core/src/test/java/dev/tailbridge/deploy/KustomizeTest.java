package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigReader;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What kubectl makes of {@code deploy/k8s}, read by Kubernetes' own model of it. */
class KustomizeTest {
  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "Namespace", Namespace.class,
          "Secret", Secret.class,
          "Service", Service.class,
          "StatefulSet", StatefulSet.class,
          "Deployment", Deployment.class,
          "NetworkPolicy", NetworkPolicy.class);

  /** Strict: the model's own catch-all for fields that it does not know is switched off. */
  private final YAMLMapper yaml =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              })
          .build();

  @ParameterizedTest
  @ValueSource(strings = {"base", "sidecar", "sidecar-tcp", "sidecar-http"})
  void everyFieldIsOneAndEveryPodIsRestricted(String folder) throws Exception {
    List<PodSpec> pods = pods(rendered(folder));
    assertThat(pods).hasSize(1);
    for (PodSpec pod : pods) {
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      for (Container container : pod.getContainers()) {
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsOnly("ALL");
        assertThat(container.getSecurityContext().getCapabilities().getAdd()).isEmpty();
        List<String> ports = container.getPorts().stream().map(ContainerPort::getName).toList();
        assertThat(probes(container).map(probe -> probe.getHttpGet().getPort().getStrVal()))
            .allMatch(ports::contains);
      }
    }
  }

  @Test
  void theThreeStylesOfProbe() throws Exception {
    List<String> paths = new ArrayList<>();
    for (String folder : List.of("sidecar", "sidecar-tcp", "sidecar-http")) {
      for (PodSpec pod : pods(rendered(folder))) {
        pod.getContainers().stream()
            .flatMap(KustomizeTest::probes)
            .forEach(probe -> paths.add(probe.getHttpGet().getPath()));
      }
    }
    assertThat(paths).containsExactly("/health", "/health?mode=tcp", "/health?mode=http&path=/");
  }

  @Test
  void theExampleConfigurationIsValidAndListensWhereTheProbesAsk() throws Exception {
    BridgeConfig config =
        ConfigReader.read(Tool.DEPLOY.resolve("k8s/base/devices.toml"), name -> null).config();
    assertThat(config.bridge().stateDir()).isEqualTo(Path.of("/data/state"));
    InetSocketAddress health = config.admin().healthListen();
    assertThat(health).isNotNull();
    for (PodSpec pod : pods(rendered("base"))) {
      assertThat(pod.getContainers().get(0).getPorts())
          .anySatisfy(
              port -> {
                assertThat(port.getName()).isEqualTo("health");
                assertThat(port.getContainerPort()).isEqualTo(health.getPort());
              });
    }
  }

  @Test
  void anUnknownFieldIsFound() throws Exception {
    JsonNode wrong = yaml.readTree("{kind: Service, spec: {clusterIp: None}}");
    assertThat(
            assertThrows(
                JsonProcessingException.class, () -> yaml.treeToValue(wrong, Service.class)))
        .hasMessageContaining("clusterIp");
  }

  private List<Object> rendered(String folder) throws Exception {
    String text = Tool.output("kubectl", "kustomize", "k8s/" + folder);
    List<Object> objects = new ArrayList<>();
    for (String document : text.split("(?m)^---$")) {
      JsonNode tree = yaml.readTree(document);
      Class<?> kind = KINDS.get(tree.path("kind").asText());
      assertThat(kind).as(tree.path("kind").asText()).isNotNull();
      objects.add(yaml.treeToValue(tree, kind));
    }
    return objects;
  }

  private static List<PodSpec> pods(List<Object> objects) {
    List<PodSpec> pods = new ArrayList<>();
    for (Object object : objects) {
      if (object instanceof StatefulSet set) {
        pods.add(set.getSpec().getTemplate().getSpec());
      } else if (object instanceof Deployment deployment) {
        pods.add(deployment.getSpec().getTemplate().getSpec());
      }
    }
    return pods;
  }

  private static Stream<Probe> probes(Container container) {
    return Stream.of(
            container.getStartupProbe(),
            container.getReadinessProbe(),
            container.getLivenessProbe())
        .filter(Objects::nonNull);
  }
}
