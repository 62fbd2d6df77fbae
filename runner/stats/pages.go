package stats

import (
	"math/bits"
	"time"
)

// pages is a histogram made for recording: the buckets of Histogram in pages
// that are allocated when first touched. A dense one would take 196 KB and
// would have to be read whole each second; a route usually touches a few
// pages. The zero value is empty.
type pages struct {
	page     [numBuckets / pageSize]*[pageSize]uint32
	touched  [(numBuckets/pageSize + 63) / 64]uint64 // a bit a page
	sum      time.Duration
	min, max time.Duration
	n        int64
	clamped  int64
}

const pageSize = 256

func (p *pages) record(d time.Duration) {
	us, clamped := micros(d)
	if clamped {
		p.clamped++
	}
	p.bucket(bucketOf(us), 1)
	if p.n == 0 || d < p.min {
		p.min = d
	}
	p.max = max(p.max, d)
	p.sum += d
	p.n++
}

func (p *pages) bucket(b int, n uint32) {
	i := b / pageSize
	if p.page[i] == nil {
		p.page[i] = new([pageSize]uint32)
	}
	p.page[i][b%pageSize] += n
	p.touched[i/64] |= 1 << (i % 64)
}

// add adds what o holds.
func (p *pages) add(o *pages) {
	if o.n == 0 {
		return
	}
	o.each(func(b int, n uint32) { p.bucket(b, n) })
	if p.n == 0 || o.min < p.min {
		p.min = o.min
	}
	p.max = max(p.max, o.max)
	p.sum += o.sum
	p.n += o.n
	p.clamped += o.clamped
}

// each calls f for every bucket that is not empty, ascending.
func (p *pages) each(f func(bucket int, n uint32)) {
	for word, set := range p.touched {
		for ; set != 0; set &= set - 1 {
			i := word*64 + bits.TrailingZeros64(set)
			for j, n := range p.page[i] {
				if n > 0 {
					f(i*pageSize+j, n)
				}
			}
		}
	}
}

// drain moves the counts into h, which is empty, and keeps the emptied pages.
func (p *pages) drain(h *Histogram) {
	if p.n == 0 {
		return
	}
	p.each(func(b int, n uint32) { h.add(b, int64(n)) })
	h.sum, h.min, h.max, h.clamped = p.sum, p.min, p.max, p.clamped
	for word, set := range p.touched {
		for ; set != 0; set &= set - 1 {
			clear(p.page[word*64+bits.TrailingZeros64(set)][:])
		}
	}
	*p = pages{page: p.page}
}
