package dev.tailbridge.tailnet;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a node tells its listener. */
final class RecordingListener implements NodeListener {

  final List<NodeStatus> statuses = new CopyOnWriteArrayList<>();
  final List<String> ends = new CopyOnWriteArrayList<>();
  final List<String> threads = new CopyOnWriteArrayList<>();

  @Override
  public void statusChanged(NodeStatus status) {
    threads.add(Thread.currentThread().getName());
    statuses.add(status);
  }

  @Override
  public void ended(String reason) {
    threads.add(Thread.currentThread().getName());
    ends.add(reason);
  }
}
