package device

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	wg "golang.zx2c4.com/wireguard/device"
)

// underLoad makes wireguard-go believe for so long that too many handshakes are
// waiting: it answers those without a cookie by a cookie reply. The moment until
// which it believes that is an unexported field; underLoad fails when a
// wireguard-go has it no more.
func underLoad(device *wg.Device, during time.Duration) error {
	rate := reflect.ValueOf(device).Elem().FieldByName("rate")
	if !rate.IsValid() || rate.Kind() != reflect.Struct {
		return fmt.Errorf("this wireguard-go has no Device.rate: it cannot be put under load")
	}
	var until *atomic.Int64
	if err := field(rate, "underLoadUntil", &until); err != nil {
		return err
	}
	until.Store(time.Now().Add(during).UnixNano())
	return nil
}
