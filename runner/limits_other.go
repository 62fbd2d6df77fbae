//go:build !linux

package runner

func portLimit() int { return 0 }

func memoryLimit() int64 { return 0 }
