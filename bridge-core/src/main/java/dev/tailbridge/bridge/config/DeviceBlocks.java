package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.TomlLayout.Kind;
import dev.tailbridge.bridge.config.TomlLayout.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Which statements of the file belong to which {@code [[device]]}. Usually that is one run of
 * lines; {@code [device.x]}, which belongs to the device before it, may stand apart.
 */
final class DeviceBlocks {
  private static final String DEVICE = "device";

  private final String text;
  private final List<Statement> statements;
  private final List<Block> blocks = new ArrayList<>();
  private boolean inOneList;

  /**
   * @param text valid TOML
   */
  DeviceBlocks(String text) {
    this.text = text;
    this.statements = TomlLayout.of(text);
    Block current = null;
    boolean inDevice = false;
    for (int i = 0; i < statements.size(); i++) {
      Statement statement = statements.get(i);
      boolean ofDevices = statement.key().get(0).equals(DEVICE);
      if (statement.kind() == Kind.LIST_TABLE && ofDevices && statement.key().size() == 1) {
        current = new Block(new ArrayList<>());
        blocks.add(current);
        inDevice = true;
      } else if (statement.kind() != Kind.KEY) {
        inDevice = ofDevices;
      } else if (i < firstHeader() && ofDevices) {
        inOneList = true;
      }
      if (inDevice && current != null) {
        current.statements().add(i);
      }
    }
  }

  /**
   * One device.
   *
   * @param statements the indices of all its statements, its header first
   */
  record Block(List<Integer> statements) {}

  List<Block> blocks() {
    return blocks;
  }

  /** Whether the devices are one value, {@code device = […]}, instead of blocks. */
  boolean inOneList() {
    return inOneList;
  }

  Statement statement(int index) {
    return statements.get(index);
  }

  /** The block's header and the keys directly below it. */
  List<Statement> own(Block block) {
    List<Statement> own = new ArrayList<>();
    for (int index : block.statements()) {
      Statement statement = statements.get(index);
      if (!own.isEmpty() && statement.kind() != Kind.KEY) {
        break;
      }
      own.add(statement);
    }
    return own;
  }

  /** The runs of neighbouring statements that the block consists of: first and last of each. */
  List<int[]> runs(Block block) {
    List<int[]> runs = new ArrayList<>();
    for (int index : block.statements()) {
      int[] last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
      if (last != null && last[1] == index - 1) {
        last[1] = index;
      } else {
        runs.add(new int[] {index, index});
      }
    }
    return runs;
  }

  /** Where what belongs to a header begins: with the comments directly above it. */
  int startWithComments(int index) {
    int start = statements.get(index).start();
    int floor = index == 0 ? 0 : statements.get(index - 1).end();
    while (start > floor) {
      int lineBefore = text.lastIndexOf('\n', start - 2) + 1;
      if (lineBefore < floor || !text.substring(lineBefore, start).strip().startsWith("#")) {
        break;
      }
      start = lineBefore;
    }
    return start;
  }

  /** Where what belongs to a block's last statement ends: behind the comments directly below it. */
  int endWithComments(int index) {
    int limit = index + 1 < statements.size() ? startWithComments(index + 1) : text.length();
    int end = statements.get(index).end();
    while (end < limit && text.substring(end, lineEnd(end)).strip().startsWith("#")) {
      end = lineEnd(end);
    }
    return end;
  }

  /** Behind the blank lines that begin at {@code offset}. */
  int behindBlankLines(int offset) {
    int end = offset;
    while (end < text.length() && text.substring(end, lineEnd(end)).isBlank()) {
      end = lineEnd(end);
    }
    return end;
  }

  private int lineEnd(int offset) {
    int lineBreak = text.indexOf('\n', offset);
    return lineBreak < 0 ? text.length() : lineBreak + 1;
  }

  private int firstHeader() {
    for (int i = 0; i < statements.size(); i++) {
      if (statements.get(i).kind() != Kind.KEY) {
        return i;
      }
    }
    return statements.size();
  }
}
