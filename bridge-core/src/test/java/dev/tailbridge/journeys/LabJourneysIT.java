package dev.tailbridge.journeys;

import dev.tailbridge.lab.ControlPlane;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;

/** Against Tailscale's own test control server. */
@SideBySide
class LabJourneysIT extends Journeys {
  @Override
  ControlPlane controlPlane(Path at) {
    return new LabControl(at);
  }
}
