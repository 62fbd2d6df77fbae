package scenarios

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestJSONValues(t *testing.T) {
	for text, want := range map[string]any{
		`7`:                             7,
		`-9223372036854775808`:          math.MinInt,
		`9223372036854775808`:           9223372036854775808.0,
		`-0`:                            math.Copysign(0, -1),
		`7.0`:                           7.0,
		`7E2`:                           700.0,
		` [true, false, null, [], {}]`:  []any{true, false, nil, []any{}, map[string]any{}},
		`{"a": {"b": 1}, "a": {}}`:      map[string]any{"a": map[string]any{}},
		"{\"\xff\": \"a\xffb\\ud800\"}": map[string]any{"\ufffd": "a\ufffdb\ufffd"},
		`"\u00e9\ud83d\ude00\n"`:        "é😀\n",
	} {
		got, err := decodeJSON([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) || got == 0.0 && !math.Signbit(got.(float64)) {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestJSONErrors(t *testing.T) {
	for text, says := range map[string]string{
		``:             "it ends too early at byte 0",
		`{"a": [1`:     "it ends too early at byte 8",
		`{"a": 1 2}`:   "invalid character '2' after object value (expecting ',' or '}') at byte 8",
		`{"a": 1e999}`: "a number is too large at byte 11",
		`{"a"`:         "it ends too early at byte 4",
		`"\x"`:         "invalid escape sequence `\\x` in string at byte 1",
		`[1] 2`:        "something follows the value at byte 3",
		`<html>`:       "invalid character '<' at start of value at byte 0",
		strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000): "exceeded max depth at byte 10000",
	} {
		if v, err := decodeJSON([]byte(text)); v != nil || err == nil || err.Error() != "it is not JSON: "+says {
			t.Errorf("%.20s: got %v, %v, want %s", text, v, err, says)
		}
	}
}
