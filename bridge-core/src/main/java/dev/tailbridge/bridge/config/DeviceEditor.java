package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.DeviceBlocks.Block;
import dev.tailbridge.bridge.config.TomlLayout.Kind;
import dev.tailbridge.bridge.config.TomlLayout.Statement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes the {@code [[device]]} blocks of a configuration and leaves every other character as it
 * is: comments, order, blank lines, the ends of lines. Immutable; each change gives a new text.
 *
 * <p>A block is its lines, the comments directly above its header and those directly below its last
 * line. Whether the new text makes sense is for {@link ConfigReader} to say.
 */
public final class DeviceEditor {
  private final String text;
  private final DeviceBlocks blocks;
  private final String lineBreak;

  private DeviceEditor(String text) {
    this.text = text;
    this.blocks = new DeviceBlocks(text);
    this.lineBreak = text.contains("\r\n") ? "\r\n" : "\n";
  }

  /**
   * @param text of a valid configuration
   * @throws EditException when its devices are one value instead of blocks
   */
  public static DeviceEditor of(String text) throws EditException {
    DeviceEditor editor = new DeviceEditor(text);
    if (editor.blocks.inOneList()) {
      throw new EditException(
          "the devices are one list, device = [ … ], which commands do not change; write each as a"
              + " [[device]]");
    }
    return editor;
  }

  public String text() {
    return text;
  }

  /**
   * Adds a block behind the last one.
   *
   * @param keys its keys in order, each with its value as TOML writes it
   */
  public DeviceEditor add(Map<String, String> keys) {
    StringBuilder block = new StringBuilder("[[device]]").append(lineBreak);
    keys.forEach((key, value) -> block.append(key).append(" = ").append(value).append(lineBreak));
    int at = text.length();
    if (!blocks.blocks().isEmpty()) {
      List<int[]> runs = blocks.runs(blocks.blocks().get(blocks.blocks().size() - 1));
      at = blocks.endWithComments(runs.get(runs.size() - 1)[1]);
    }
    String before = text.substring(0, at);
    String after = text.substring(at);
    String gap =
        before.isEmpty() || (at == text.length() && endsWithBlankLine(before)) ? "" : lineBreak;
    String gapAfter = after.isEmpty() || blocks.behindBlankLines(at) > at ? "" : lineBreak;
    return new DeviceEditor(ended(before) + gap + block + gapAfter + after);
  }

  /**
   * Adds a block behind everything else.
   *
   * @param lines as {@link #blockText} gives them
   */
  public DeviceEditor addBlock(String lines) {
    String before = ended(text);
    String gap = before.isEmpty() || endsWithBlankLine(before) ? "" : lineBreak;
    return new DeviceEditor(before + gap + lines);
  }

  /**
   * The lines of a block, with the comments that belong to it.
   *
   * @throws EditException when there is no such device
   */
  public String blockText(String name) throws EditException {
    StringBuilder lines = new StringBuilder();
    for (int[] run : blocks.runs(block(name))) {
      int start = blocks.startWithComments(run[0]);
      lines.append(ended(text.substring(start, blocks.endWithComments(run[1]))));
    }
    return lines.toString();
  }

  /**
   * Removes a block, and the blank lines behind it, or before it when it was the last in the file.
   *
   * @throws EditException when there is no such device
   */
  public DeviceEditor remove(String name) throws EditException {
    StringBuilder rest = new StringBuilder(text);
    List<int[]> runs = blocks.runs(block(name));
    for (int i = runs.size() - 1; i >= 0; i--) {
      int start = blocks.startWithComments(runs.get(i)[0]);
      int end = blocks.behindBlankLines(blocks.endWithComments(runs.get(i)[1]));
      if (end == text.length()) {
        start = withoutBlankLines(text.substring(0, start)).length();
      }
      rest.delete(start, end);
    }
    return new DeviceEditor(rest.toString());
  }

  /**
   * Gives a key of a device another value, or adds the key below the others.
   *
   * @param value as TOML writes it
   * @throws EditException when there is no such device, or the key's value stands in several places
   */
  public DeviceEditor set(String name, String key, String value) throws EditException {
    Block block = block(name);
    Statement present = statement(block, name, key);
    if (present != null) {
      return new DeviceEditor(
          text.substring(0, present.valueStart()) + value + text.substring(present.valueEnd()));
    }
    List<Statement> own = blocks.own(block);
    Statement last = own.get(own.size() - 1);
    String line = indentation(last) + key + " = " + value + lineBreak;
    return new DeviceEditor(
        ended(text.substring(0, last.end())) + line + text.substring(last.end()));
  }

  /**
   * Removes the line of a key, with the comment in it; without the key nothing changes.
   *
   * @throws EditException when there is no such device, or the key's value stands in several places
   */
  public DeviceEditor unset(String name, String key) throws EditException {
    Statement present = statement(block(name), name, key);
    return present == null
        ? this
        : new DeviceEditor(text.substring(0, present.start()) + text.substring(present.end()));
  }

  private Block block(String name) throws EditException {
    for (Block block : blocks.blocks()) {
      for (Statement statement : blocks.own(block)) {
        if (statement.kind() == Kind.KEY
            && statement.key().equals(List.of("name"))
            && TomlLayout.decoded(text.substring(statement.valueStart(), statement.valueEnd()))
                .equals(name)) {
          return block;
        }
      }
    }
    throw new EditException("there is no [[device]] " + Quote.of(name));
  }

  private @Nullable Statement statement(Block block, String name, String key) throws EditException {
    Statement found = null;
    for (Statement statement : blocks.own(block)) {
      if (statement.kind() == Kind.KEY && statement.key().equals(List.of(key))) {
        found = statement;
      }
    }
    for (int index : block.statements()) {
      Statement statement = blocks.statement(index);
      List<String> path = statement.key();
      boolean part =
          statement.kind() == Kind.KEY
              ? path.size() > 1 && path.get(0).equals(key) && blocks.own(block).contains(statement)
              : path.size() > 1 && path.get(1).equals(key);
      if (part) {
        throw new EditException(
            Quote.of(key)
                + " of [[device]] "
                + Quote.of(name)
                + " stands in several places; write it as one value, then change it again");
      }
    }
    return found;
  }

  private String indentation(Statement statement) {
    int end = statement.start();
    while (text.charAt(end) == ' ' || text.charAt(end) == '\t') {
      end++;
    }
    return text.substring(statement.start(), end);
  }

  private String ended(String before) {
    return before.isEmpty() || before.endsWith("\n") ? before : before + lineBreak;
  }

  private static boolean endsWithBlankLine(String before) {
    return before.endsWith("\n\n") || before.endsWith("\n\r\n");
  }

  private static String withoutBlankLines(String before) {
    int end = before.length();
    while (end > 0) {
      int line = before.lastIndexOf('\n', end - 2) + 1;
      if (!before.substring(line, end).isBlank()) {
        break;
      }
      end = line;
    }
    return before.substring(0, end);
  }
}
