//go:build !linux

package runner

func portLimit() int { return 0 }
