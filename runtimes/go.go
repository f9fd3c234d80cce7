// A function served with Go's net package, by one goroutine. docs/runtimes.md has what it is told and what it says.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const maxPayloadBytes = 1472

// Turns a request into its reply, in place where it can; nil if it fails.
var functions = map[string]func(payload []byte) []byte{
	"reverse": func(payload []byte) []byte {
		for i, j := 0, len(payload)-1; i < j; i, j = i+1, j-1 {
			payload[i], payload[j] = payload[j], payload[i]
		}
		return payload
	},
	"echo": func(payload []byte) []byte { return payload },
	"expand": func(payload []byte) []byte {
		if len(payload) > maxPayloadBytes {
			return nil
		}
		twice := bytes.Repeat(payload, 2)
		if len(twice) > maxPayloadBytes {
			twice = twice[:maxPayloadBytes]
		}
		return twice
	},
	// ASCII letters only, as bytes.ToUpper knows others, too.
	"upper": func(payload []byte) []byte {
		for i, b := range payload {
			if b >= 'a' && b <= 'z' {
				payload[i] = b - 'a' + 'A'
			}
		}
		return payload
	},
}

var received, handled, replied, functionFailed, refusedSource, receiveFailed, sendFailed atomic.Uint64

func printCounters() {
	fmt.Printf("received=%d handled=%d replied=%d functionFailed=%d refusedSource=%d receiveFailed=%d sendFailed=%d\n",
		received.Load(), handled.Load(), replied.Load(), functionFailed.Load(), refusedSource.Load(), receiveFailed.Load(),
		sendFailed.Load())
}

// Returns when the time to receive is over.
func serve(socket *net.UDPConn, run func([]byte) []byte, refused *[65536]bool) {
	buffer := make([]byte, 65536)
	for {
		length, peer, err := socket.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			receiveFailed.Add(1)
			continue
		}
		received.Add(1)
		if refused[peer.Port()] {
			refusedSource.Add(1)
			continue
		}
		reply := run(buffer[:length])
		if reply == nil {
			functionFailed.Add(1)
			continue
		}
		handled.Add(1)
		if _, err := socket.WriteToUDPAddrPort(reply, peer); err != nil {
			sendFailed.Add(1)
		} else {
			replied.Add(1)
		}
	}
}

func main() {
	function := flag.String("function", "reverse", "")
	refuse := flag.String("refuse", "", "")
	flag.String("address", "", "")
	flag.String("port", "", "")
	flag.Parse()

	var refused [65536]bool
	for port := 0; port < 1024; port++ {
		refused[port] = true
	}
	for _, text := range strings.Split(*refuse, ",") {
		if port, err := strconv.ParseUint(text, 10, 16); err == nil {
			refused[port] = true
		}
	}
	run := functions[*function]
	if run == nil {
		log.Fatalf("no function %q", *function)
	}
	packets, err := net.FilePacketConn(os.NewFile(3, "socket"))
	if err != nil {
		log.Fatal(err)
	}
	socket := packets.(*net.UDPConn)

	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() != "stop"; {
			printCounters()
		}
		socket.SetReadDeadline(time.Now())
	}()
	fmt.Println("ready")
	serve(socket, run, &refused)
	printCounters()
}
