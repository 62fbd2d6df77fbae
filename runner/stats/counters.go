package stats

import "time"

// counters are what a shard counts of one route in one second. They are made
// for writing: fixed arrays for statuses and classes, histograms whose touched
// pages alone are read and cleared.
type counters struct {
	requests, unfinished, newConns, retries int64
	bytesOut, bytesIn                       int64
	statuses                                [600]int64
	oddStatuses                             map[int]int64 // outside 0 to 599
	classes                                 [NumClasses]int64
	phases                                  [NumPhases]Phase

	ok, failed, service, ages pages
	// apart counts samples whose service time is not their response time;
	// while there are none, service stays empty.
	apart int64
}

func (c *counters) empty() bool { return c.requests == 0 && c.unfinished == 0 }

func (c *counters) record(s *Sample) {
	response := s.ResponseTime()
	h := &c.ok
	if s.Failure.Failed() {
		h = &c.failed
	}
	c.recordService(s, response)
	h.record(response)
	c.requests++
	c.classes[s.Failure.Class]++
	c.countStatus(s.Status)
	c.recordWire(s)
	c.addPhase(PhaseConnWait, s.ConnWait)
	c.addPhase(PhaseDNS, s.DNS)
	c.addPhase(PhaseConnect, s.Connect)
	c.addPhase(PhaseTLS, s.TLS)
	c.addPhase(PhaseFirstByte, s.FirstByte)
	c.addPhase(PhaseBody, s.Body)
}

// recordWire counts what a request did on the wire, whatever became of it.
func (c *counters) recordWire(s *Sample) {
	c.bytesOut += s.BytesOut
	c.bytesIn += s.BytesIn
	if s.NewConn {
		c.newConns++
	}
	if s.Retried {
		c.retries++
	}
}

// recordService keeps service times only once one differs from its response
// time; those before it are copied over then.
func (c *counters) recordService(s *Sample, response time.Duration) {
	service := s.ServiceTime()
	if c.apart == 0 {
		if service == response {
			return
		}
		c.service.add(&c.ok)
		c.service.add(&c.failed)
	}
	c.apart++
	c.service.record(service)
}

func (c *counters) countStatus(status int) {
	switch {
	case status == 0:
	case status > 0 && status < len(c.statuses):
		c.statuses[status]++
	default:
		if c.oddStatuses == nil {
			c.oddStatuses = make(map[int]int64)
		}
		c.oddStatuses[status]++
	}
}

func (c *counters) addPhase(i int, d time.Duration) {
	if d <= 0 {
		return
	}
	p := &c.phases[i]
	p.N++
	p.Sum += d
	p.Max = max(p.Max, d)
}

// drain returns the counts and empties the counters for their next use.
func (c *counters) drain(route Route) RouteStats {
	out := RouteStats{
		Route: route, Requests: c.requests, Unfinished: c.unfinished,
		NewConns: c.newConns, Retries: c.retries,
		BytesOut: c.bytesOut, BytesIn: c.bytesIn, Phases: c.phases,
	}
	for class, n := range c.classes {
		if n > 0 && Class(class) != OK {
			out.Failures += n
			out.Classes = append(out.Classes, Count[Class]{Class(class), n})
		}
	}
	for status, n := range c.statuses {
		if n > 0 {
			out.Statuses = append(out.Statuses, Count[int]{status, n})
		}
	}
	for status, n := range c.oddStatuses {
		out.Statuses = mergeCounts(out.Statuses, []Count[int]{{status, n}})
	}
	c.ok.drain(&out.OK)
	c.failed.drain(&out.Failed)
	c.service.drain(&out.Service)
	c.ages.drain(&out.Ages)
	*c = counters{ok: c.ok, failed: c.failed, service: c.service, ages: c.ages}
	return out
}
