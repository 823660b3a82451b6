package dev.tailbridge.netstack.tcp;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** What {@link TcbFuzzTest} looks for, with the luck of one second. */
class TcbExerciseTest {

  @Property(tries = 1000)
  void holdsWhateverHappens(@ForAll @Size(max = 600) byte[] input) {
    new TcbExercise(input).run();
  }
}
