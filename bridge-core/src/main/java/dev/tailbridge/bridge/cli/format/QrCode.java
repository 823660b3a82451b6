package dev.tailbridge.bridge.cli.format;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** A text as QR code, for a terminal and as a picture. */
final class QrCode {
  /** Modules around it that stay light (ISO/IEC 18004 section 5.3.8). */
  private static final int QUIET = 4;

  private static final int PIXELS_PER_MODULE = 6;
  private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final ByteMatrix modules;

  private QrCode(ByteMatrix modules) {
    this.modules = modules;
  }

  static QrCode of(String text) {
    try {
      return new QrCode(Encoder.encode(text, ErrorCorrectionLevel.L).getMatrix());
    } catch (WriterException e) {
      throw new IllegalStateException("a configuration is shorter than a QR code can be", e);
    }
  }

  /** Two rows of modules in each line. Light is drawn, so it fits a dark terminal. */
  String blocks() {
    StringBuilder text = new StringBuilder();
    int size = modules.getWidth();
    for (int y = -QUIET; y < size + QUIET; y += 2) {
      for (int x = -QUIET; x < size + QUIET; x++) {
        boolean upper = !dark(x, y);
        boolean lower = !dark(x, y + 1);
        text.append(upper && lower ? '█' : upper ? '▀' : lower ? '▄' : ' ');
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** A picture in black and white, one bit for each pixel (PNG, ISO/IEC 15948). */
  byte[] png() {
    int side = (modules.getWidth() + 2 * QUIET) * PIXELS_PER_MODULE;
    try {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(png);
      out.write(PNG_SIGNATURE);
      ByteArrayOutputStream header = new ByteArrayOutputStream();
      DataOutputStream fields = new DataOutputStream(header);
      fields.writeInt(side);
      fields.writeInt(side);
      fields.write(
          new byte[] {1, 0, 0, 0, 0}); // one bit, grey, no filter of its own, not interlaced
      chunk(out, "IHDR", header.toByteArray());
      chunk(out, "IDAT", pixels(side));
      chunk(out, "IEND", new byte[0]);
      return png.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }

  private byte[] pixels(int side) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(compressed)) {
      for (int y = 0; y < side; y++) {
        byte[] row = new byte[1 + (side + 7) / 8]; // begins with its filter, none
        for (int x = 0; x < side; x++) {
          if (!dark(x / PIXELS_PER_MODULE - QUIET, y / PIXELS_PER_MODULE - QUIET)) {
            row[1 + x / 8] |= (byte) (0x80 >> (x % 8));
          }
        }
        out.write(row);
      }
    }
    return compressed.toByteArray();
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeInt((int) crc.getValue());
  }

  private boolean dark(int x, int y) {
    int size = modules.getWidth();
    return x >= 0 && y >= 0 && x < size && y < size && modules.get(x, y) == 1;
  }
}
