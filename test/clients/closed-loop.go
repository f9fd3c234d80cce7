// A closed-loop UDP client in Go, to hold the load generator's closed loop against: one request outstanding a
// connection, replies compared, rates printed at the end.
//
//	closed-loop SERVER PORT FRAME_BYTES CONNECTIONS SECONDS
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const headerBytes = 42

type counters struct{ requests, responses, failed, wrong uint64 }

// roundTrips asks and compares until `over`.
func roundTrips(address string, payload []byte, over time.Time, count *counters) error {
	connection, err := net.Dial("udp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	expected := make([]byte, len(payload))
	for i, b := range payload {
		expected[len(payload)-1-i] = b
	}
	reply := make([]byte, 2048)
	for time.Now().Before(over) {
		atomic.AddUint64(&count.requests, 1)
		if _, err := connection.Write(payload); err != nil {
			atomic.AddUint64(&count.failed, 1)
			continue
		}
		connection.SetReadDeadline(time.Now().Add(time.Second))
		length, err := connection.Read(reply)
		switch {
		case err != nil:
			atomic.AddUint64(&count.failed, 1)
		case !bytes.Equal(reply[:length], expected):
			atomic.AddUint64(&count.wrong, 1)
		default:
			atomic.AddUint64(&count.responses, 1)
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "closed-loop: SERVER PORT FRAME_BYTES CONNECTIONS SECONDS")
		os.Exit(2)
	}
	numbers := make([]int, 4)
	for i, text := range os.Args[2:] {
		number, err := strconv.Atoi(text)
		if err != nil {
			fmt.Fprintln(os.Stderr, "closed-loop:", err)
			os.Exit(2)
		}
		numbers[i] = number
	}
	frameBytes, connections, seconds := numbers[1], numbers[2], numbers[3]
	payload := make([]byte, frameBytes-headerBytes)
	for i := range payload {
		payload[i] = byte('0' + (headerBytes+i)%10)
	}

	var count counters
	var group sync.WaitGroup
	begin := time.Now()
	over := begin.Add(time.Duration(seconds) * time.Second)
	for i := 0; i < connections; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := roundTrips(fmt.Sprintf("%s:%d", os.Args[1], numbers[0]), payload, over, &count); err != nil {
				fmt.Fprintln(os.Stderr, "closed-loop:", err)
				os.Exit(1)
			}
		}()
	}
	group.Wait()
	fmt.Printf("{\"requests\":%d,\"responses\":%d,\"failed\":%d,\"wrong\":%d,\"seconds\":%g}\n",
		count.requests, count.responses, count.failed, count.wrong, time.Since(begin).Seconds())
}
