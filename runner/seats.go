package runner

// seats deals users out to classes so that every size is as exact as whole
// users allow: each class has its quota rounded up or down, and no class loses
// a user when the total grows. That is the quota method of Balinski and Young
// (The American Mathematical Monthly 82, 1975).
//
// Classes of a fixed count are filled first, in their order.
type seats struct {
	fixed   []int
	weights []int
	sum     int   // of the weights
	order   []int // the class of each user dealt so far
	dealt   []int // by class, without the fixed
}

// newSeats takes each class's weight and fixed count; a fixed count leaves the
// weight aside.
func newSeats(weights, fixed []int) *seats {
	s := &seats{fixed: fixed, weights: make([]int, len(weights)), dealt: make([]int, len(weights))}
	for i, w := range weights {
		for range fixed[i] {
			s.order = append(s.order, i)
		}
		if fixed[i] == 0 {
			s.weights[i] = max(0, w)
			s.sum += s.weights[i]
		}
	}
	return s
}

// limit returns how many users there can be at most, and whether there is a
// limit: there is where every class has a fixed count.
func (s *seats) limit() (n int, limited bool) {
	if s.sum > 0 {
		return 0, false
	}
	for _, n := range s.fixed {
		limited = limited || n > 0
	}
	return len(s.order), limited
}

// counts returns how many of n users each class has.
func (s *seats) counts(n int) []int {
	out := make([]int, len(s.weights))
	for i := range n {
		class, ok := s.class(i)
		if !ok {
			break
		}
		out[class]++
	}
	return out
}

// class returns the class of user i, counted from 0; false beyond the limit.
func (s *seats) class(i int) (int, bool) {
	for s.sum > 0 && len(s.order) <= i {
		s.deal()
	}
	if i >= len(s.order) {
		return 0, false
	}
	return s.order[i], true
}

// deal gives the next user to the class with the highest claim, weight over
// users it would then have, among those that stay within their quota.
func (s *seats) deal() {
	total := 1
	for _, n := range s.dealt {
		total += n
	}
	best := -1
	for i, w := range s.weights {
		if s.dealt[i]*s.sum >= w*total {
			continue // one more would be over the quota rounded up
		}
		if best < 0 || w*(s.dealt[best]+1) > s.weights[best]*(s.dealt[i]+1) {
			best = i
		}
	}
	s.dealt[best]++
	s.order = append(s.order, best)
}
