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

// hand gives an arrival to a class: to the user that is idle for the shortest
// time. Where none is idle it waits for one that starts, and the conductor is
// asked for more. It reports false where all there may be are at work, and
// where users drive the load meanwhile.
func (p *pool) hand(c *class, due time.Duration) bool {
	c.mu.Lock()
	if !p.env.taking() {
		c.mu.Unlock()
		return false
	}
	u := c.idle.pop()
	if u != nil {
		u.handed = due
	} else if p.comes(c.waiting.len() + 1) {
		c.waiting.push(due)
	} else {
		c.mu.Unlock()
		return false
	}
	c.mu.Unlock()
	if u != nil {
		u.poke()
	} else {
		p.poke()
	}
	return true
}

// comes reports whether n waiting arrivals can hope for a user that starts or
// may yet be started.
func (p *pool) comes(n int) bool {
	hope := p.max.Load() - p.live.Load()
	for _, c := range p.classes {
		hope += c.starting.Load()
	}
	return int64(n) <= hope
}

// grow starts users for the arrivals that wait, as far as max allows.
func (p *pool) grow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.classes {
		for range min(c.need(), p.max.Load()-p.live.Load()) {
			p.bring(c, 0)
		}
	}
}

// need returns how many arrivals wait without a user on its way to them.
func (c *class) need() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(c.waiting.len()) - c.starting.Load()
}

// dropWaiting takes back the arrivals that wait, and returns how many.
func (p *pool) dropWaiting() (n int64) {
	for _, c := range p.classes {
		c.mu.Lock()
		n += int64(c.waiting.len())
		c.waiting.clear()
		c.mu.Unlock()
	}
	return n
}

// await returns when the user's next arrival was due, as soon as there is one;
// ok is false where the user is to do something else.
func (u *user) await() (due time.Duration, ok bool) {
	c := u.class
	c.mu.Lock()
	u.settle() // together with what follows: nobody misses it in between
	if due, ok = c.waiting.pop(); !ok {
		u.handed = none
		c.idle.push(u, u.env.clock())
	}
	c.mu.Unlock()
	for !ok {
		<-u.wake
		c.mu.Lock()
		due, ok = u.handed, u.handed != none
		if !ok && !u.awaits() {
			c.idle.remove(u)
			c.mu.Unlock()
			break
		}
		c.mu.Unlock()
	}
	return due, ok
}

// awaits reports whether the user is to wait for arrivals.
func (u *user) awaits() bool {
	return !u.told() && u.env.orders() == ordersArrivals && !u.class.mix.Load().empty()
}
