package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.cli.format.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --format}, which commands have that give a device's configuration. */
final class FormatOption {

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = Converter.class,
      completionCandidates = Words.class,
      description = "How the device reads its configuration: ${COMPLETION-CANDIDATES}.")
  private @Nullable Format format;

  @Nullable Format given() {
    return format;
  }

  Format or(Format absent) {
    return format == null ? absent : format;
  }

  static final class Words extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Words() {
      super(Arrays.stream(Format.values()).map(Format::word).toList());
    }
  }

  static final class Converter implements ITypeConverter<Format> {
    @Override
    public Format convert(String word) {
      return Format.of(word)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "there is no such format; write one of "
                          + new Words().stream().collect(Collectors.joining(", "))));
    }
  }
}
