package scenarios

// piece is a part of a request: bytes that are always the same, or a value.
type piece struct {
	lit []byte
	val *template
	put func(dst []byte, from int) []byte // how the value is written; nil: as it is
	js  bool                              // the value is written as JSON
}

// pieces are a part of a request in the making.
type pieces []piece

// add appends literal text.
func (ps *pieces) add(lit string) {
	if n := len(*ps); n > 0 && (*ps)[n-1].val == nil {
		(*ps)[n-1].lit = append((*ps)[n-1].lit, lit...)
		return
	}
	*ps = append(*ps, piece{lit: []byte(lit)})
}

// value appends a value; one that never changes is written now.
func (ps *pieces) value(p piece) error {
	if !p.val.fixed() {
		*ps = append(*ps, p)
		return nil
	}
	b, err := p.render(nil, nil)
	ps.add(string(b))
	return err
}

// join appends all of more.
func (ps *pieces) join(more pieces) {
	for _, p := range more {
		if p.val == nil {
			ps.add(string(p.lit))
		} else {
			*ps = append(*ps, p)
		}
	}
}

// fixed reports whether nothing of it changes.
func (ps pieces) fixed() bool {
	for _, p := range ps {
		if p.val != nil {
			return false
		}
	}
	return true
}

func (p *piece) render(u *Session, dst []byte) ([]byte, error) {
	switch {
	case p.val == nil:
		return append(dst, p.lit...), nil
	case p.js:
		return p.val.json(u, dst)
	}
	return p.val.text(u, dst, p.put)
}

// render appends all pieces.
func (ps pieces) render(u *Session, dst []byte) ([]byte, error) {
	for i := range ps {
		var err error
		if dst, err = ps[i].render(u, dst); err != nil {
			return dst, err
		}
		if len(dst) > maxBody {
			return dst, errTooLarge
		}
	}
	return dst, nil
}
