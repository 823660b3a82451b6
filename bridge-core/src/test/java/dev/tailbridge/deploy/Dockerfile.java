package dev.tailbridge.deploy;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the image's recipe says. */
final class Dockerfile {
  private final String text;

  Dockerfile() throws IOException {
    // A line that goes on in the next one is one line.
    text =
        Files.readString(Tool.DEPLOY.resolve("container/Dockerfile")).replaceAll("\\\\\n\\s*", " ");
  }

  /** The words of {@code ENTRYPOINT}, or of another instruction that has them as a list. */
  List<String> words(String instruction) {
    List<String> words = new ArrayList<>();
    for (JsonElement word :
        JsonParser.parseString(found(instruction + "\\s+(\\[.*\\])")).getAsJsonArray()) {
      words.add(word.getAsString());
    }
    return words;
  }

  /** The options of the JVM that runs the bridge. */
  List<String> jvmOptions() {
    return words("ENTRYPOINT").stream().filter(word -> word.startsWith("-X")).toList();
  }

  /** The modules of Java that it has. */
  String modules() {
    return found("--add-modules (\\S+)");
  }

  /** What follows an instruction. */
  String value(String instruction) {
    return found("(?m)^" + instruction + " (.*)$");
  }

  /** The last stage is the image, so the last is what counts. */
  private String found(String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .reduce((first, last) -> last)
        .orElseThrow(() -> new IllegalStateException("the Dockerfile has no " + pattern))
        .group(1);
  }
}
