package dev.tailbridge.bridge.service;

import static dev.tailbridge.bridge.service.DnsBytes.A;
import static dev.tailbridge.bridge.service.DnsBytes.AAAA;
import static dev.tailbridge.bridge.service.DnsBytes.CNAME;
import static dev.tailbridge.bridge.service.DnsBytes.HTTPS;
import static dev.tailbridge.bridge.service.DnsBytes.MX;
import static dev.tailbridge.bridge.service.DnsBytes.PTR;
import static dev.tailbridge.bridge.service.DnsBytes.question;
import static dev.tailbridge.bridge.service.DnsBytes.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.handler.codec.dns.DnsQuestion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoBufferLeaks.class)
class DnsServiceTest {

  /** Knows some names, is silent about "slow", and has no name server for the rest. */
  private static final class Node implements DnsNode {
    final List<String> asked = new ArrayList<>();
    final Map<String, byte[]> known = new HashMap<>();
    String dnsName = "greenhouse.tail1234.ts.net";

    @Override
    public String dnsName() {
      return dnsName;
    }

    @Override
    public CompletableFuture<byte[]> query(String name, String type) {
      asked.add(name + " " + type);
      if (name.startsWith("slow")) {
        return new CompletableFuture<>();
      }
      return CompletableFuture.completedFuture(
          known.getOrDefault(
              name + " " + type, response(name.endsWith(".ts.net.") ? 3 : 2, name, A).bytes()));
    }
  }

  /** The Internet: one address. */
  private static final class Host implements NameSource {
    final List<String> asked = new ArrayList<>();

    @Override
    public void ask(DnsQuestion question, Consumer<NameAnswer> answer) {
      asked.add(question.name());
      answer.accept(
          NameAnswer.read(response(0, question.name(), A).record(A, 192, 0, 2, 1).bytes()));
    }
  }

  private final Node node = new Node();
  private final Host host = new Host();
  private ServiceBench bench = bench(node, null);

  private ServiceBench bench(@Nullable DnsNode asked, @Nullable NameSource ordinary) {
    return new ServiceBench(
        loop ->
            new DnsService(
                new Names(asked == null ? null : new TailnetNames(asked, loop), ordinary),
                this::benchNanos));
  }

  private long benchNanos() {
    return bench.nowNanos;
  }

  private void use(@Nullable DnsNode asked, @Nullable NameSource ordinary) {
    bench.close();
    bench = bench(asked, ordinary);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private String ask(DnsBytes question) {
    List<byte[]> answers = bench.ask(50_000, 53, question.bytes());
    assertThat(answers).hasSizeLessThan(2);
    return answers.isEmpty() ? "" : DnsBytes.text(answers.get(0));
  }

  private void knows(String name, int address) {
    node.known.put(name + " A", response(0x0400, name, A).record(A, 100, 64, 0, address).bytes());
  }

  @Test
  void aMachineOfTheTailnetByItsFullAndItsShortName() {
    knows("desk.tail1234.ts.net.", 7);
    assertThat(ask(question(77, "desk.tail1234.ts.net", A)))
        .isEqualTo("77 rcode 0 desk.tail1234.ts.net. 1: desk.tail1234.ts.net. 1 64400007");
    assertThat(ask(question(78, "desk", A)))
        .as("question and record under the name that the chip knows")
        .isEqualTo("78 rcode 0 desk. 1: desk. 1 64400007");
    assertThat(ask(question(79, "DeSk", A)))
        .as("in the chip's spelling, which some make up against forgers")
        .startsWith("79 rcode 3 DeSk. 1:");
    assertThat(node.asked)
        .containsExactly(
            "desk.tail1234.ts.net. A", "desk.tail1234.ts.net. A", "DeSk.tail1234.ts.net. A");
  }

  @Test
  void addressesBackToNames() {
    String reverse = "7.0.64.100.in-addr.arpa.";
    node.known.put(
        reverse + " PTR",
        response(0, reverse, PTR).record(PTR, 4, 'd', 'e', 's', 'k', 2, 't', 's', 0).bytes());
    assertThat(ask(question(1, reverse, PTR)))
        .isEqualTo("1 rcode 0 " + reverse + " 12: " + reverse + " 12 046465736b02747300");
  }

  @Test
  void aNameThatHasNoSuchRecordOrIsNone() {
    node.known.put("desk.tail1234.ts.net. AAAA", response(0, "desk.tail1234.ts.net", AAAA).bytes());
    assertThat(ask(question(1, "desk", AAAA))).isEqualTo("1 rcode 0 desk. 28:");
    assertThat(ask(question(2, "nobody", A))).isEqualTo("2 rcode 3 nobody. 1:");
    assertThat(ask(question(3, "desk.tail1234.ts.net", HTTPS)))
        .isEqualTo("3 rcode 0 desk.tail1234.ts.net. 65:");
  }

  /** A chip goes on to its next name server. */
  @Test
  void ordinaryNamesAreRefusedWhereTheTailnetHasNoNameServer() {
    assertThat(ask(question(1, "example.com", A))).isEqualTo("1 rcode 5 example.com. 1:");
    node.known.put(
        "printer.corp. A", response(0, "printer.corp", A).record(A, 10, 1, 1, 1).bytes());
    assertThat(ask(question(2, "printer.corp", A)))
        .as("a name server of the tailnet")
        .isEqualTo("2 rcode 0 printer.corp. 1: printer.corp. 1 0a010101");
    assertThat(host.asked).isEmpty();
  }

  @Test
  void ordinaryNamesOfTheHostWhereTheyAreAllowed() {
    use(node, host);
    assertThat(ask(question(1, "example.com", A)))
        .isEqualTo("1 rcode 0 example.com. 1: example.com. 1 c0000201");
    ask(question(2, "nobody", A));
    ask(question(3, "other.tail1234.ts.net", A));
    ask(question(4, "9.9.127.100.in-addr.arpa", PTR));
    ask(question(5, "1.0.0.0.0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa", PTR));
    assertThat(host.asked).as("the tailnet's own names stay in it").containsExactly("example.com.");
    ask(question(6, "9.9.128.100.in-addr.arpa", PTR));
    assertThat(host.asked).hasSize(2);
  }

  @Test
  void withoutATailnet() {
    use(null, host);
    assertThat(ask(question(1, "example.com", A))).endsWith("c0000201");
    use(null, null);
    assertThat(ask(question(1, "example.com", A))).isEqualTo("1 rcode 5 example.com. 1:");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aNodeThatIsNotUpOrDoesNotAnswerIsAFailure(boolean up) {
    if (!up) {
      node.dnsName = "";
    }
    String answer = ask(question(1, "slow", A));
    if (up) {
      assertThat(answer).isEmpty();
      bench.pass(TailnetNames.PATIENCE);
      answer = DnsBytes.text(bench.answers().get(0));
    }
    assertThat(answer).isEqualTo("1 rcode 2 slow. 1:");
  }

  @Test
  void whatIsTooLongForUdpIsCutAndMarked() {
    DnsBytes many = response(0, "many.tail1234.ts.net", A);
    for (int i = 0; i < 40; i++) {
      many.record(A, 100, 64, 1, i);
    }
    node.known.put("many.tail1234.ts.net. A", many.bytes());
    byte[] plain = bench.ask(50_000, 53, question(1, "many.tail1234.ts.net", A).bytes()).get(0);
    assertThat(plain.length).isBetween(440, 512);
    assertThat(DnsBytes.text(plain))
        .startsWith("1 rcode 0 TC many.tail1234.ts.net. 1: many.tail1234.ts.net. 1 64400100")
        .doesNotEndWith("more");
    byte[] edns =
        bench.ask(50_000, 53, question(2, "many.tail1234.ts.net", A).edns(4096, 0).bytes()).get(0);
    assertThat(edns.length).isBetween(1150, 1232);
    assertThat(DnsBytes.text(edns)).contains(" TC ").endsWith("EDNS 1232 rcode+0");
  }

  @Test
  void aQuestionWithEdnsHasAnAnswerWithIt() {
    knows("desk.tail1234.ts.net.", 7);
    assertThat(ask(question(1, "desk", A).edns(1232, 0)))
        .isEqualTo("1 rcode 0 desk. 1: desk. 1 64400007 EDNS 1232 rcode+0");
    assertThat(ask(question(2, "desk", A).edns(1232, 1)))
        .as("BADVERS is 16")
        .isEqualTo("2 rcode 0 desk. 1: EDNS 1232 rcode+1");
  }

  @Test
  void whatCannotBeAnsweredIsSaid() {
    assertThat(ask(question(1, "desk", MX))).as("NOTIMP").isEqualTo("1 rcode 4 desk. 15:");
    assertThat(ask(question(2, "desk", A).set(2, 0x2800))).as("UPDATE").isEqualTo("2 rcode 4");
    assertThat(ask(question(3, "desk", A).set(4, 2))).as("FORMERR").isEqualTo("3 rcode 1");
    assertThat(ask(question(4, "desk", A).set(20, 3))).as("class CHAOS").startsWith("4 rcode 5");
    DnsBytes loop = question(5, "x", A).set(12, 0xc00c);
    assertThat(ask(loop)).as("a name that points to itself").isEqualTo("5 rcode 1");
  }

  @Test
  void whatIsNoQuestionIsCountedAndNotAnswered() {
    assertThat(bench.ask(50_000, 53, new byte[11])).isEmpty();
    assertThat(bench.ask(50_000, 53, response(0, "desk", A).bytes())).isEmpty();
    assertThat(bench.refused).containsOnly(ForwardDrop.BAD_QUESTION).hasSize(2);
  }

  @Test
  void questionsWithoutAnswerAreBounded() {
    for (int i = 0; i < 40; i++) {
      ask(question(i, "slow", A));
    }
    assertThat(node.asked).hasSize(32);
    assertThat(bench.refused).containsOnly(ForwardDrop.TOO_MANY_QUESTIONS).hasSize(8);
    bench.pass(TailnetNames.PATIENCE);
    assertThat(bench.answers()).hasSize(32);
    ask(question(1, "slow", A));
    assertThat(node.asked).as("there is room again").hasSize(33);
  }

  @Test
  void aDeviceThatAsksTooOftenIsNotAnsweredForAWhile() {
    knows("desk.tail1234.ts.net.", 7);
    for (int i = 0; i < 150; i++) {
      ask(question(i, "desk", A));
    }
    assertThat(node.asked).hasSize(100);
    bench.pass(Duration.ofSeconds(1));
    assertThat(ask(question(1, "desk", A))).isNotEmpty();
  }

  /** An answer with another record first, as name servers give it. */
  @Test
  void anAliasStaysOne() {
    node.known.put(
        "www.corp. A",
        response(0, "www.corp", A).record(CNAME, 1, 'a', 0).record(A, 10, 0, 0, 1).bytes());
    assertThat(ask(question(1, "www.corp", A)))
        .isEqualTo("1 rcode 0 www.corp. 1: www.corp. 5 016100 www.corp. 1 0a000001");
  }
}
