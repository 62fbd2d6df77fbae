package runner

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestCoreTimes(t *testing.T) {
	got := coreTimes([]byte("cpu  10 20 30 400 50 6 7 8 0 0\ncpu0 1 2 3 40 5 6 7 8 0 0\ncpu1 2 0 0 8 0 0 0 0 0 0\nintr 5 5 5 5 5 5 5 5 5\n"))
	if want := []coreTime{{1 + 2 + 3 + 6 + 7 + 8, 72}, {2, 10}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCgroups(t *testing.T) {
	got := cgroups([]byte("3:cpuset:/\n2:cpu,cpuacct:/docker/abc\n0::/user.slice/run\n"), "cpu")
	want := []string{
		"/sys/fs/cgroup/cpu,cpuacct/docker/abc", "/sys/fs/cgroup/cpu,cpuacct/docker", "/sys/fs/cgroup/cpu,cpuacct",
		"/sys/fs/cgroup/user.slice/run", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestQuota(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"version 2":           {map[string]string{"cpu.max": "150000 100000\n"}, 1.5},
		"version 2, no bound": {map[string]string{"cpu.max": "max 100000\n"}, 0},
		"version 1":           {map[string]string{"cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"}, 0.5},
		"version 1, no bound": {map[string]string{"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 0},
		"nothing there":       {nil, 0},
	} {
		dir := t.TempDir()
		for file, text := range tt.files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := quota(dir); got != tt.want {
			t.Errorf("%s: %v cores, want %v", name, got, tt.want)
		}
	}
}

func TestThrottled(t *testing.T) {
	if got := throttled([]byte("nr_periods 10\nnr_throttled 2\nthrottled_usec 1500\n")); got != 1500*time.Microsecond {
		t.Errorf("version 2: %s", got)
	}
	if got := throttled([]byte("nr_periods 0\nnr_throttled 0\nthrottled_time 2500\n")); got != 2500*time.Nanosecond {
		t.Errorf("version 1: %s", got)
	}
	if got := field([]byte("TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1\n"), "TCP:", "tw"); got != 12 {
		t.Errorf("%d connections in TIME-WAIT", got)
	}
}
