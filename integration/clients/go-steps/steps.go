// Package steps is what the programs of the Go clients have in common.
package steps

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Bootstrap and Name are what the program was started with.
var Bootstrap, Name = os.Args[1], os.Args[2]

// TimeMs is when the record at offset 10 of NAME-time was made.
const TimeMs = 1_700_000_010_000

// Step prints what came of one step.
func Step(step string, body func() (any, error)) {
	result, err := body()
	if err != nil {
		fmt.Fprintln(os.Stderr, step, err)
		result = fmt.Sprintf("failed: %v", err)
	}
	fmt.Printf("%s: %v\n", step, result)
}

// Value is a result that is there already.
func Value(result any) func() (any, error) { return func() (any, error) { return result, nil } }

// Check ends the program where it cannot go on.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Until waits for a condition.
func Until(what string, holds func() bool) error {
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("never: %s", what)
		}
	}
	return nil
}

// Record is what all the clients' records have.
type Record struct {
	Key, Value []byte
	Headers    string
}

// Numbered are `count` records whose keys are their values.
func Numbered(prefix string, count int) []Record {
	records := make([]Record, count)
	for i := range records {
		text := []byte(fmt.Sprintf("%s-%d", prefix, i))
		records[i] = Record{Key: text, Value: text}
	}
	return records
}

// Special are the records besides those of each codec. The last one is to have the headers a=1 and b=2.
func Special() []Record {
	return []Record{
		{Value: []byte("null key")},
		{Key: []byte("null value")},
		{Key: []byte("large"), Value: []byte(strings.Repeat("x", 900_000))},
		{Key: []byte("headers"), Value: []byte("v")},
	}
}

// ReadBack prints a line for each codec and for each special record.
func ReadBack(codecs []string, read []Record) {
	counts, seen := map[string]int{}, map[string]string{}
	for _, record := range read {
		key, value := string(record.Key), string(record.Value)
		switch {
		case record.Key == nil && value == "null key":
			seen["null key"] = "read back"
		case key == "null value" && record.Value == nil:
			seen["null value"] = "read back"
		case key == "large":
			seen["large value"] = fmt.Sprintf("%d bytes", strings.Count(value, "x"))
		case key == "headers":
			seen["headers"] = record.Headers
		case key == value:
			counts[strings.Split(key, "-")[0]]++
		}
	}
	for _, codec := range codecs {
		Step(codec, Value(fmt.Sprintf("%d read back", counts[codec])))
	}
	for _, which := range []string{"null key", "null value", "large value", "headers"} {
		Step(which, Value(seen[which]))
	}
}

// Counts tells how often each value was read, by however many members.
type Counts struct {
	lock   sync.Mutex
	counts map[string]int
}

// Add counts one.
func (c *Counts) Add(value []byte) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[string(value)]++
}

// Once waits until 30 values with the prefix are there, and tells whether all of all are there once.
func (c *Counts) Once(prefix string) (any, error) {
	err := Until("all are read", func() bool {
		c.lock.Lock()
		defer c.lock.Unlock()
		different := 0
		for value := range c.counts {
			if strings.HasPrefix(value, prefix) {
				different++
			}
		}
		return different == 30
	})
	c.lock.Lock()
	defer c.lock.Unlock()
	for value, count := range c.counts {
		if count != 1 {
			return fmt.Sprintf("%s read %d times", value, count), err
		}
	}
	return "30 once each", err
}

// WithPrefix counts the records whose key has it.
func WithPrefix(prefix string, read []Record) int {
	count := 0
	for _, record := range read {
		if strings.HasPrefix(string(record.Key), prefix) {
			count++
		}
	}
	return count
}
