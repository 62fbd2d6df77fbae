package demo

import (
	"fmt"
	"math"
)

// field is a column of the UCI heart-disease data: its name, the middle and
// the spread of its values, and how much a spread above the middle adds to the
// risk.
type field struct {
	name           string
	middle, spread float64
	weight         float64
}

// fields are the 13 numbers of a patient.
var fields = [...]field{
	{"age", 53, 14, 0.5},
	{"sex", 0.5, 0.5, 0.4},
	{"cp", 1.5, 1.1, 0.8},
	{"trestbps", 147, 30, 0.2},
	{"chol", 345, 126, 0.2},
	{"fbs", 0.5, 0.5, 0.05},
	{"restecg", 1, 0.8, 0.1},
	{"thalach", 136, 38, -0.6},
	{"exang", 0.5, 0.5, 0.4},
	{"oldpeak", 3.1, 1.8, 1.1},
	{"slope", 1, 0.8, 0.2},
	{"ca", 2, 1.4, 1.2},
	{"thal", 1.5, 1.1, 0.5},
}

// patient holds the values of fields, in their order.
type patient [len(fields)]float64

// patientOf reads a patient from a request. Every field must be there and a
// number.
func patientOf(body map[string]any) (patient, error) {
	var p patient
	if body == nil {
		return p, badRequest("the body must be a JSON object")
	}
	for i, f := range fields {
		value, there := body[f.name]
		if !there {
			return p, badRequest(fmt.Sprintf("field %s is missing", f.name))
		}
		number, ok := value.(float64)
		if !ok {
			return p, badRequest(fmt.Sprintf("field %s must be a number", f.name))
		}
		p[i] = number
	}
	return p, nil
}

// risk is a logistic regression: the probability of the disease, 0 to 1.
func risk(p *patient) float64 {
	score := -0.4
	for i, f := range fields {
		score += f.weight * (p[i] - f.middle) / f.spread
	}
	return 1 / (1 + math.Exp(-score))
}
