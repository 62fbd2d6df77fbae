package scenarios

// listTerm is a list whose items are made anew each time.
type listTerm []term

func (l listTerm) value(u *Session) (any, error) {
	out := make([]any, len(l))
	for i, t := range l {
		var err error
		if out[i], err = t.value(u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l listTerm) json(u *Session, dst []byte) ([]byte, error) {
	dst = append(dst, '[')
	for i, t := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = t.json(u, dst); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (l listTerm) text(u *Session, dst []byte) ([]byte, error) { return l.json(u, dst) }

// mapped is `map(from..to, each)` with an each that does not look at the item.
type mapped struct {
	from, to func(u *Session) (int, error)
	each     term
}

func (m mapped) count(u *Session) (int, error) {
	a, err := m.from(u)
	if err != nil {
		return 0, err
	}
	b, err := m.to(u)
	if err != nil {
		return 0, err
	}
	n := max(0, b-a+1)
	return n, u.spend(n)
}

func (m mapped) value(u *Session) (any, error) {
	n, err := m.count(u)
	if err != nil {
		return nil, err
	}
	out := make([]any, n)
	for i := range out {
		if out[i], err = m.each.value(u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (m mapped) json(u *Session, dst []byte) ([]byte, error) {
	n, err := m.count(u)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = m.each.json(u, dst); err != nil {
			return dst, err
		}
		if len(dst) > maxBody {
			return dst, errTooLarge
		}
	}
	return append(dst, ']'), nil
}

func (m mapped) text(u *Session, dst []byte) ([]byte, error) { return m.json(u, dst) }
