package runner

import "time"

// arrive takes an arrival of the pacer's, for a class by weight.
func (p *pool) arrive(due time.Duration) {
	p.env.scheduled.Add(1)
	if p.env.orders() == ordersStop {
		return // not sent
	}
	if c := p.classFor(); c == nil || !p.hand(c, due) {
		p.env.dropped.Add(1)
	}
}

// classFor chooses the class of an arrival, by weight or fixed count, among
// those that have anything to do; nil where none has.
func (p *pool) classFor() *class {
	if len(p.classes) == 1 {
		return p.classes[0]
	}
	sum := 0
	for _, c := range p.classes {
		sum += c.claim()
	}
	if sum == 0 {
		return nil
	}
	at := p.rng.IntN(sum)
	for _, c := range p.classes {
		if at -= c.claim(); at < 0 {
			return c
		}
	}
	return nil
}

func (c *class) claim() int {
	switch {
	case c.mix.Load().empty():
		return 0
	case c.Fixed > 0:
		return c.Fixed
	}
	return c.Weight
}

// hand gives an arrival to a class, whose free users take it in turn. Where
// none is free it waits for one that starts, and the conductor is asked for
// more. It reports false where all there may be are at work.
func (p *pool) hand(c *class, due time.Duration) bool {
	free := c.free.Add(-1)
	if free < 0 && !p.comes(-free) {
		c.free.Add(1)
		return false
	}
	select {
	case c.arrivals <- due:
	default:
		c.free.Add(1)
		return false
	}
	if free < 0 {
		p.poke()
	}
	return true
}

// comes reports whether n waiting arrivals can hope for a user that starts or
// may yet be started.
func (p *pool) comes(n int64) bool {
	hope := p.max.Load() - p.live.Load()
	for _, c := range p.classes {
		hope += c.starting.Load()
	}
	return n <= hope
}

// grow starts users for the arrivals that wait, as far as max allows.
func (p *pool) grow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.classes {
		need := -c.free.Load() - c.starting.Load()
		for range min(need, p.max.Load()-p.live.Load()) {
			p.bring(c, 0)
		}
	}
}

// dropWaiting takes back the arrivals that wait, and returns how many.
func (p *pool) dropWaiting() (n int64) {
	for _, c := range p.classes {
		for len(c.arrivals) > 0 {
			select {
			case <-c.arrivals:
				c.free.Add(1)
				n++
			default:
			}
		}
	}
	return n
}
