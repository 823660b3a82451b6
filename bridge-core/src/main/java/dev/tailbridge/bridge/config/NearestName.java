package dev.tailbridge.bridge.config;

import java.util.Collection;

/** Finds what somebody probably meant to write. */
public final class NearestName {

  private static final int LONGEST_NAME = 64;

  private NearestName() {}

  /**
   * A hint to append to a message: {@code ; did you mean "address"?} when a known name is close,
   * else {@code otherwise}.
   */
  public static String hint(String written, Collection<String> known, String otherwise) {
    if (written.length() > LONGEST_NAME) {
      return otherwise;
    }
    String best = "";
    int bestDistance = Math.max(1, written.length() / 3) + 1;
    for (String name : known) {
      int distance = distance(written, name);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = name;
      }
    }
    return best.isEmpty() ? otherwise : "; did you mean " + Quote.of(best) + "?";
  }

  /** Levenshtein distance; two swapped neighbours count once. */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
