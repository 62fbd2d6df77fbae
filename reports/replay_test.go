package reports

import (
	"slices"
	"testing"
	"time"

	"brink/runner/stats"
)

func loads(values ...float64) []point {
	var points []point
	for _, v := range values {
		points = append(points, point{load: v, span: time.Second})
	}
	return points
}

func TestStagesOfADrivenLoad(t *testing.T) {
	for name, test := range map[string]struct {
		points []point
		want   []string
	}{
		"held":             {loads(10, 10, 10), []string{"users: 10, for: 3s"}},
		"stepped":          {loads(10, 10, 60, 60, 60), []string{"users: 10, for: 2s", "users: 60, for: 3s"}},
		"ramp":             {loads(10, 10, 15, 20, 25, 30, 30, 30), []string{"users: 10, for: 2s", "users: 30, over: 4s", "users: 30, for: 2s"}},
		"down and a pause": {loads(40, 40, 30, 20, 10, 0, 0, 40), []string{"users: 40, for: 2s", "users: 0, over: 4s", "users: 0, for: 1s", "users: 40, for: 1s"}},
		"key presses":      {loads(10, 11, 11, 13, 13, 12), []string{"users: 10, for: 1s", "users: 11, for: 2s", "users: 13, for: 2s", "users: 12, for: 1s"}},
	} {
		var got []string
		for _, s := range stagesOf(test.points) {
			got = append(got, s.yaml(stats.ClosedModel))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}

// No second is lost or doubled, whatever was driven.
func TestStagesTakeAsLongAsTheSession(t *testing.T) {
	points := loads(1, 2, 3, 4, 5, 5, 5, 9, 8, 7, 6, 6, 100, 0, 0, 3, 7, 11, 15)
	points[3].span = 1200 * time.Millisecond
	var sum time.Duration
	for _, s := range stagesOf(points) {
		sum += s.over + s.span
	}
	if sum != spanOf(points) {
		t.Fatalf("the stages take %s; the session took %s", sum, spanOf(points))
	}
}
