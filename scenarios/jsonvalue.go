package scenarios

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxBody bounds, in bytes, what a request can be made as large as.
const maxBody = 64 << 20

var errTooLarge = errors.New("the request would be larger than 64 MiB")

// appendJSON writes v as JSON: keys sorted, times as RFC 3339, durations as
// text, bytes in base64.
func appendJSON(dst []byte, v any) ([]byte, error) {
	if len(dst) > maxBody {
		return dst, errTooLarge
	}
	var err error
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return dst, fmt.Errorf("%v cannot be written as JSON", v)
		}
		return appendFloat(dst, v), nil
	case string:
		return appendQuoted(dst, v), nil
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSON(dst, item); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		dst = append(dst, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, key), ':')
			if dst, err = appendJSON(dst, v[key]); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	case json.Number:
		return append(dst, v...), nil
	case time.Duration:
		return appendQuoted(dst, v.String()), nil
	case []byte:
		return appendQuoted(dst, base64.StdEncoding.EncodeToString(v)), nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return dst, fmt.Errorf("%s cannot be written as JSON", typeWord(v))
	}
	return append(dst, b...), nil
}

// appendText writes v as it reads in text: text as it is, lists and objects as
// JSON. Nothing has no text.
func appendText(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return append(dst, v...), nil
	case []byte:
		return append(dst, v...), nil
	case nil:
		return dst, errors.New("there is no value")
	case time.Duration:
		return append(dst, v.String()...), nil
	case encoding.TextMarshaler:
		b, err := v.MarshalText()
		return append(dst, b...), err
	}
	return appendJSON(dst, v)
}

// appendFloat writes a finite float as the shortest number that reads back the
// same, as JSON has it in most languages: no exponent between 1e-6 and 1e21.
func appendFloat(dst []byte, v float64) []byte {
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// appendQuoted writes s as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	dst = append(dst, s...)
	return append(escapeFrom(dst, start), '"')
}

// escapeFrom escapes dst from start on for the inside of a JSON string. Most
// text needs nothing and is left where it is.
func escapeFrom(dst []byte, start int) []byte {
	i := start
	for i < len(dst) && dst[i] >= ' ' && dst[i] != '"' && dst[i] != '\\' && dst[i] < utf8.RuneSelf {
		i++
	}
	if i == len(dst) {
		return dst
	}
	quoted, _ := jsontext.AppendQuote(nil, dst[start:]) // an error: broken UTF-8 became U+FFFD
	return append(dst[:start], quoted[1:len(quoted)-1]...)
}

// typeWord names what a value is.
func typeWord(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "true or false"
	case int, int64, float64, json.Number:
		return "a number"
	case string:
		return "text"
	case []any, []int, []string, []float64:
		return "a list"
	case map[string]any:
		return "an object"
	case time.Time:
		return "a time"
	case time.Duration:
		return "a duration"
	}
	return fmt.Sprintf("a value of type %T", v)
}
