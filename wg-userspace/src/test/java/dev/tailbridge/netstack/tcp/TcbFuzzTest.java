package dev.tailbridge.netstack.tcp;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Any segments, calls and times at one connection; see {@link TcbExercise}.
 *
 * <p>Normal builds run the inputs in {@code TcbFuzzTestInputs}; CONTRIBUTING.md says how to fuzz.
 */
class TcbFuzzTest {

  @FuzzTest
  void segments(byte[] input) {
    new TcbExercise(input).run();
  }
}
