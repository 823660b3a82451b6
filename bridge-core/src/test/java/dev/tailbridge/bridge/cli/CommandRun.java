package dev.tailbridge.bridge.cli;

/** One command in this process: its exit code and what it printed. Nobody can be asked. */
record CommandRun(int code, String out, String err) {

  static CommandRun of(String... arguments) {
    Printed printed = new Printed();
    int code = printed.run(Prompt.NOBODY, arguments);
    return new CommandRun(code, printed.out(), printed.err());
  }
}
