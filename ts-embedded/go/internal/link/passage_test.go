package link

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPassageGivesWorkingDescriptorsInOrder(t *testing.T) {
	passage, there := passage(t)
	for want := 0; want < 3; want++ {
		ours, theirs, err := Pair()
		if err != nil {
			t.Fatal(err)
		}
		number, err := passage.Give(theirs)
		if err != nil || number != want {
			t.Fatalf("given as %d (%v), want %d", number, err, want)
		}
		if _, err := unix.FcntlInt(uintptr(theirs), unix.F_GETFD, 0); err != unix.EBADF {
			t.Errorf("descriptor %d is still open here: %v", theirs, err)
		}
		received := receive(t, there)
		if _, err := received.Write([]byte{byte(want)}); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 1)
		if _, err := ours.Read(got); err != nil || got[0] != byte(want) {
			t.Errorf("read %v (%v), want [%d]", got, err, want)
		}
		received.Close()
		ours.Close()
	}
}

func TestPassageThatIsClosedSaysSoAndKeepsNothing(t *testing.T) {
	passage, there := passage(t)
	there.Close()
	_, theirs, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	if number, err := passage.Give(theirs); err == nil {
		t.Errorf("given as %d to nobody", number)
	}
	if _, err := unix.FcntlInt(uintptr(theirs), unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("descriptor %d is still open: %v", theirs, err)
	}
}

func TestDialToNothingNamesThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nobody")
	if _, err := Dial(path); err == nil || err.Error() != "connect to "+path+": no such file or directory" {
		t.Errorf("got %v", err)
	}
}

func passage(t *testing.T) (*Passage, *net.UnixConn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	socket, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPassage(socket)
	if err != nil {
		t.Fatal(err)
	}
	there, err := listener.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close(); socket.Close() })
	return p, there
}

func receive(t *testing.T, from *net.UnixConn) *os.File {
	t.Helper()
	data, control := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	n, controlLength, _, _, err := from.ReadMsgUnix(data, control)
	if err != nil || n != 1 {
		t.Fatalf("%d bytes: %v", n, err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:controlLength])
	if err != nil {
		t.Fatal(err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fds[0]), "received")
}
