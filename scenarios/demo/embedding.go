package demo

import (
	"math"
	"strconv"
	"strings"
)

// dim is how many numbers a vector has.
const dim = 384

// touched is how many of them one feature adds to: a very sparse random
// projection (Li, Hastie, Church 2006) keeps distances and costs little.
const touched = 16

// embedding returns the vector of a text: its words and the letter triples of
// each word, hashed, projected to dim numbers and brought to length 1. Texts
// that share words have vectors that are close. A text without a letter has
// the zero vector.
func embedding(text string) *[dim]float64 {
	v := new([dim]float64)
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		add(v, hash(word), 2) // the whole word says more than a part of it
		padded := "^" + word + "$"
		for i := 0; i+3 <= len(padded); i++ {
			add(v, hash(padded[i:i+3]), 1)
		}
	}
	normalise(v)
	return v
}

// add projects one feature: its hash seeds which numbers it adds to, and with
// which sign.
func add(v *[dim]float64, feature uint64, weight float64) {
	for range touched {
		feature = mix(feature)
		if feature>>63 == 0 {
			v[feature%dim] += weight
		} else {
			v[feature%dim] -= weight
		}
	}
}

func normalise(v *[dim]float64) {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	if sum == 0 {
		return
	}
	length := math.Sqrt(sum)
	for i := range v {
		v[i] /= length
	}
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is one step of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// appendEmbeddings appends the answer to a request for the vectors of texts.
// Numbers have six decimals.
func appendEmbeddings(out []byte, texts []string) []byte {
	out = append(out, `{"embeddings":[`...)
	for i, text := range texts {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '[')
		for j, x := range embedding(text) {
			if j > 0 {
				out = append(out, ',')
			}
			out = strconv.AppendFloat(out, math.Round(x*1e6)/1e6, 'g', -1, 32)
		}
		out = append(out, ']')
	}
	out = append(out, `],"dim":`...)
	out = strconv.AppendInt(out, dim, 10)
	out = append(out, `,"count":`...)
	out = strconv.AppendInt(out, int64(len(texts)), 10)
	return append(out, '}')
}
