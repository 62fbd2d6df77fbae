package runner

import "time"

// needless is for how long no arrival has needed a user that is let go. It is
// long enough that a peak each minute finds its users as it left them: bringing
// one back costs a connection and what its on_start does. And it is shorter
// than load balancers and address translation keep an idle connection in mind,
// which then do not even close it: a request on it would never be answered.
const needless = time.Minute

// departing is the part of a class that is let go in a second, at most: a
// thousand users that say goodbye at once would be a peak of their own. So a
// class of fewer lets nobody go. Those few cost next to nothing, and a rate of
// one request in two minutes does not have its user log in for each.
const departing = 60

// retire lets users go whom no arrival has needed for long; they end, and come
// back when they are needed, as users do whose number changes. It returns when
// to look again, 0 where there are few.
func (p *pool) retire(now time.Duration) (next time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	due := now >= p.parting
	if due {
		p.parting = now + time.Second
	}
	for _, c := range p.classes {
		n := c.wanted / departing
		if n > 0 {
			next = p.parting
		}
		for due && n > 0 && p.dismiss(c, now-needless) {
			n--
		}
	}
	return next
}

// keep lets nobody go before a time.
func (p *pool) keep(until time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parting = until
}

// dismiss lets the user of c go that is idle for the longest time, and reports
// whether there was one idle since a time or before.
func (p *pool) dismiss(c *class, since time.Duration) bool {
	c.mu.Lock()
	u := c.idle.bottom
	if u == nil || u.since > since {
		c.mu.Unlock()
		return false
	}
	c.idle.remove(u) // no arrival finds it any more
	c.mu.Unlock()
	if u.seat < c.wanted {
		c.swap(u.seat, c.wanted-1)
		p.shrink(c, c.wanted-1)
	}
	return true
}

// swap makes two users of the stack change places.
func (c *class) swap(i, j int) {
	c.users[i], c.users[j] = c.users[j], c.users[i]
	c.users[i].seat, c.users[j].seat = i, j
}
