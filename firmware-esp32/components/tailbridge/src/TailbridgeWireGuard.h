// tailbridge for Arduino: a sketch that was written for another WireGuard library works after its
// include is changed to this one. What is different is what those get wrong: the tunnel is never the
// default route, so the clock does not wait for it; it comes back by itself; no key is ever printed.
//
//   #include <TailbridgeWireGuard.h>
//   static Tailbridge wg;
//   wg.begin(ip, subnet, gateway, privateKey, endpoint, publicKey, port);   // after WiFi.begin()
#ifndef TAILBRIDGE_WIREGUARD_H
#define TAILBRIDGE_WIREGUARD_H

#include <Arduino.h>
#include <IPAddress.h>

#include "tailbridge.h"

class Tailbridge {
 public:
  // Returns at once; the tunnel comes up as soon as the network is there, and stays. False: a value
  // is not right, and the log says which; or a tunnel runs already, since there is one for each chip.
  //
  // subnet: the tunnel network's netmask. 255.255.255.255 is taken as 255.255.255.0, the bridge's own
  // default. gateway is not used: what is not for the bridge or a tailnet goes the ordinary way.
  bool begin(const IPAddress &localIP, const IPAddress &subnet, const IPAddress &gateway,
             const char *privateKey, const char *remotePeerAddress, const char *remotePeerPublicKey,
             uint16_t remotePeerPort);

  bool begin(const IPAddress &localIP, const char *privateKey, const char *remotePeerAddress,
             const char *remotePeerPublicKey, uint16_t remotePeerPort);

  // Any text that the bridge prints, as `bridge device show NAME --format wg-quick` does.
  bool begin(const char *configuration);

  // With a configuration that was put together before; see secrets.h of this library.
  bool begin(const tb_config_t &configuration);

  // For begin with values: a preshared key, null for none. It is copied.
  void setPresharedKey(const char *key);

  void end();

  bool is_initialized() const { return _running; }

  // The bridge was heard lately.
  bool isConnected() const { return tb_is_up(); }

  // Says whether the tunnel is there, and to where. Shows no key.
  void dump_config() const;

 private:
  bool start(const tb_part_t *parts, size_t count);

  bool _running = false;
  tb_config_t _config = {};
  char _presharedKey[TB_KEY_SIZE] = "";
};

// The names of the libraries that it stands in for. TAILBRIDGE_NO_ALIASES leaves them out.
#ifndef TAILBRIDGE_NO_ALIASES
using EspWireGuard = Tailbridge;
using WireGuard = Tailbridge;
#endif

#endif
