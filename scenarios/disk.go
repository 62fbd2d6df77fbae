package scenarios

import (
	"errors"
	"os"
)

var errNoFile = errors.New("it is no regular file")

// openDisk opens a regular file of the machine. What is none, a device or a
// pipe, could block or never end.
func openDisk(path string) (rowFile, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errNoFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
