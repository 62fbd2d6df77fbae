package scenarios

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shellWords cuts a command line into words as a POSIX shell does: quotes,
// backslashes, continued lines and $'…'. Nothing is expanded.
func shellWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	began := false
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if began {
				words = append(words, word.String())
				word.Reset()
				began = false
			}
			i++
		case c == '\\' && i+1 < len(line):
			// A backslash before a line's end joins it with the next.
			if rest := strings.TrimPrefix(line[i+1:], "\r"); strings.HasPrefix(rest, "\n") {
				i = len(line) - len(rest) + 1
				continue
			}
			_, size := utf8.DecodeRuneInString(line[i+1:])
			word.WriteString(line[i+1 : i+1+size])
			began = true
			i += 1 + size
		case c == '\'' || c == '"' || c == '$' && strings.HasPrefix(line[i:], "$'"):
			n, err := quoted(line[i:], &word)
			if err != nil {
				return nil, err
			}
			began = true
			i += n
		default:
			word.WriteByte(c)
			began = true
			i++
		}
	}
	if began {
		words = append(words, word.String())
	}
	return words, nil
}

// quoted reads the quoted text that line begins with into word, and returns
// how many bytes it took.
func quoted(line string, word *strings.Builder) (int, error) {
	switch line[0] {
	case '\'':
		text, _, ok := strings.Cut(line[1:], "'")
		if !ok {
			return 0, errors.New("a single quote is never closed")
		}
		word.WriteString(text)
		return len(text) + 2, nil
	case '"':
		for i := 1; i < len(line); i++ {
			switch {
			case line[i] == '"':
				return i + 1, nil
			case line[i] == '\\' && i+1 < len(line) && strings.IndexByte("\"\\$`\n", line[i+1]) >= 0:
				i++
				if line[i] != '\n' {
					word.WriteByte(line[i])
				}
			default:
				word.WriteByte(line[i])
			}
		}
		return 0, errors.New("a double quote is never closed")
	}
	return dollarQuoted(line, word)
}

// dollarQuoted reads $'…' with the escapes of ANSI C.
func dollarQuoted(line string, word *strings.Builder) (int, error) {
	for i := 2; i < len(line); i++ {
		switch {
		case line[i] == '\'':
			return i + 1, nil
		case line[i] == '\\' && i+1 < len(line):
			i++
			switch line[i] {
			case 'n':
				word.WriteByte('\n')
			case 't':
				word.WriteByte('\t')
			case 'r':
				word.WriteByte('\r')
			case 'u', 'U', 'x':
				digits := map[byte]int{'u': 4, 'U': 8, 'x': 2}[line[i]]
				end := i + 1
				for end < len(line) && end <= i+digits && strings.IndexByte("0123456789abcdefABCDEF", line[end]) >= 0 {
					end++
				}
				n, err := strconv.ParseUint(line[i+1:end], 16, 32)
				if err != nil {
					return 0, errors.New("an escape without digits")
				}
				word.WriteRune(rune(n))
				i = end - 1
			default:
				word.WriteByte(line[i])
			}
		default:
			word.WriteByte(line[i])
		}
	}
	return 0, errors.New("a quote is never closed")
}
