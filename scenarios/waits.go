package scenarios

import (
	"strings"
	"time"
)

// wait reads the time between tasks; what n does not say is as in from.
func (d *decoder) wait(n *node, from Wait) Wait {
	if n == nil {
		return from
	}
	if n.kind == kindObject {
		return d.waitObject(n)
	}
	lo, hi, isRange := strings.Cut(n.text, "..")
	if n.kind == kindList || !isRange {
		return Wait{Kind: WaitFixed, Mean: d.duration(n)}
	}
	w := Wait{Kind: WaitUniform}
	for _, end := range []struct {
		text string
		to   *time.Duration
	}{{lo, &w.Min}, {hi, &w.Max}} {
		v, message := parseDuration(end.text)
		if message != "" {
			d.fail(n.pos, "for example 1s..5s", "%s", message)
			return Wait{}
		}
		*end.to = v
	}
	if w.Min > w.Max {
		d.fail(n.pos, "", "%s is longer than %s", strings.TrimSpace(lo), strings.TrimSpace(hi))
	}
	return w
}

func (d *decoder) waitObject(n *node) Wait {
	f, ok := d.keys(n, waitShape)
	if !ok {
		return Wait{}
	}
	pace, rate, normal, exponential := f.get("pace"), f.get("per_second"), f.get("normal"), f.get("exponential")
	if count(pace, rate, normal, exponential) != 1 {
		d.fail(n.pos, "for example 1s, 1s..5s or { pace: 2s }", "wait needs one of pace, per_second, normal or exponential")
		return Wait{}
	}
	w := Wait{Min: d.duration(f.get("min")), Max: d.duration(f.get("max"))}
	if w.Max > 0 && w.Min > w.Max {
		d.fail(f.get("min").pos, "", "min is longer than max")
	}
	switch {
	case pace != nil:
		w.Kind, w.Mean = WaitPace, d.duration(pace)
	case rate != nil:
		w.Kind = WaitPace
		if v := d.number(rate, 0.00001, 100_000); v > 0 {
			w.Mean = time.Duration(float64(time.Second) / v)
		}
	case exponential != nil:
		w.Kind, w.Mean = WaitExponential, d.duration(exponential)
	default:
		w.Kind, w.Mean = WaitNormal, d.duration(normal)
		w.Dev = w.Mean / 4
		if dev := f.get("deviation"); dev != nil {
			w.Dev = d.duration(dev)
		}
	}
	random := w.Kind == WaitNormal || w.Kind == WaitExponential
	for _, key := range []string{"min", "max"} {
		if m := f.get(key); m != nil && !random {
			d.fail(m.pos, "", "%s belongs to normal and exponential", key)
		}
	}
	if dev := f.get("deviation"); dev != nil && w.Kind != WaitNormal {
		d.fail(dev.pos, "", "deviation belongs to normal")
	}
	return w
}
