package scenarios

import (
	"strings"
	"testing"
)

// TestFromCurl makes scenarios of curl commands: each passes check, and sends
// what curl would.
func TestFromCurl(t *testing.T) {
	for command, want := range map[string][3]string{ // method and address, header lines that must be there, body
		`curl http://127.0.0.1:8000/health`:                                {"GET http://127.0.0.1:8000/health", "", ""},
		`curl 127.0.0.1:8000`:                                              {"GET http://127.0.0.1:8000/", "", ""},
		`curl -X DELETE http://127.0.0.1/x?a=1&b`:                          {"DELETE http://127.0.0.1/x?a=1&b", "", ""},
		`curl -XPURGE http://127.0.0.1/x`:                                  {"PURGE http://127.0.0.1/x", "", ""},
		`curl --request=PUT --url http://127.0.0.1/x`:                      {"PUT http://127.0.0.1/x", "", ""},
		`curl -I http://127.0.0.1/x`:                                       {"HEAD http://127.0.0.1/x", "", ""},
		`curl -d a=1 -d 'b=2 3' http://127.0.0.1/x`:                        {"POST http://127.0.0.1/x", "Content-Type: application/x-www-form-urlencoded", "a=1&b=2 3"},
		`curl --data-urlencode 'q=a b&c' http://127.0.0.1/x`:               {"POST http://127.0.0.1/x", "Content-Type: application/x-www-form-urlencoded", "q=a%20b%26c"},
		`curl -G -d a=1 --data-urlencode q=ä 'http://127.0.0.1/x?z=0'`:     {"GET http://127.0.0.1/x?z=0&a=1&q=%C3%A4", "", ""},
		`curl --json '{"b": [1, 2.50, {}], "a": null}' http://127.0.0.1/x`: {"POST http://127.0.0.1/x", "Content-Type: application/json", `{"b":[1,2.50,{}],"a":null}`},
		`curl http://127.0.0.1/x -H "Content-Type: application/json; charset=utf-8" --data-raw $'{"t": "it\'s\\n {{x}} ${Y} \u00e9"}'`: {"POST http://127.0.0.1/x", "Content-Type: application/json", `{"t":"it's\n {{x}} ${Y} é"}`},
		`curl http://127.0.0.1/x -H 'Content-Type: text/plain' -d 'a {{ b }}'`:                                                         {"POST http://127.0.0.1/x", "Content-Type: text/plain", "a {{ b }}"},
		`curl -u me:secret http://127.0.0.1/x`:                                                                                         {"GET http://127.0.0.1/x", "Authorization: Basic bWU6c2VjcmV0", ""},
		`curl http://me:secret@127.0.0.1/x`:                                                                                            {"GET http://127.0.0.1/x", "Authorization: Basic bWU6c2VjcmV0", ""},
		`curl -H 'authorization: Bearer t0ken' http://127.0.0.1/x`:                                                                     {"GET http://127.0.0.1/x", "Authorization: Bearer t0ken", ""},
		`curl -A mine -e http://r/ -b 'a=b; c=d' http://127.0.0.1/x`:                                                                   {"GET http://127.0.0.1/x", "User-Agent: mine|Referer: http://r/|Cookie: a=b; c=d", ""},
		`curl -sSLvk --compressed -o /dev/null -m 5 --http2 http://127.0.0.1/x`:                                                        {"GET http://127.0.0.1/x", "Accept-Encoding: gzip, deflate, br", ""},
		`curl -F a=1 -F 'b=x y' http://127.0.0.1/x`:                                                                                    {"POST http://127.0.0.1/x", "Content-Type: multipart/form-data; boundary=" + boundary, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nx y\r\n--" + boundary + "--\r\n"},
		"curl 'http://127.0.0.1/x' \\\n  -H 'X-A: 1' \\\r\n  --data-binary @products.csv":                                              {"POST http://127.0.0.1/x", "X-A: 1", "sku,title,"},
		`curl --unix-socket /run/x.sock http://localhost/info`:                                                                         {"GET http://localhost/info", "", ""},
		`curl 'http://127.0.0.1/a{{b}}/${c}'`:                                                                                          {"GET http://127.0.0.1/a%7B%7Bb%7D%7D/$%7Bc%7D", "", ""},
	} {
		t.Run(command, func(t *testing.T) {
			src, err := FromCurl(command)
			if err != nil {
				t.Fatal(err)
			}
			s := parsed(t, src)
			var req Request
			if err := s.Users[0].Tasks[0].Steps[0].Render(sessionOf(t, s), &req); err != nil {
				t.Fatal(err)
			}
			if got := req.Method + " " + req.Scheme + "://" + req.Host + string(req.Path); got != want[0] {
				t.Errorf("sends %s", got)
			}
			for line := range strings.SplitSeq(want[1], "|") {
				if !strings.Contains("\r\n"+string(req.Header), "\r\n"+line) {
					t.Errorf("%q lacks %q", req.Header, line)
				}
			}
			if got := string(req.Body); got != want[2] && (!strings.Contains(command, "@") || !strings.HasPrefix(got, want[2])) {
				t.Errorf("body %q, want %q", got, want[2])
			}
		})
	}
}

func TestFromCurlRefuses(t *testing.T) {
	for command, says := range map[string]string{
		``:                         "no address",
		`curl`:                     "no address",
		`curl 'http://x`:           "never closed",
		`curl "http://x`:           "never closed",
		`curl $'http://x`:          "never closed",
		`curl http://a http://b`:   "two addresses",
		`curl --nonsense http://a`: "--nonsense",
		`curl -sQ http://a`:        "-Q",
		`curl http://a -H`:         "-H lacks its value",
		`curl -X 'a b' http://a`:   "no method",
		`curl ftp://a/b`:           "http",
		`curl -m x http://a`:       "seconds",
	} {
		if src, err := FromCurl(command); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q\n%s", command, err, says, src)
		}
	}
}

// FuzzFromCurl makes no scenario that is not read again.
func FuzzFromCurl(f *testing.F) {
	for _, s := range []string{
		`curl http://127.0.0.1/x -d '{"a": [1, "{{"]}' -H 'Content-Type: application/json'`, `curl -sSL -u a:b "http://x/ä?{}" -F a=@b`, "curl $'\\x41' \\\n -G -d a",
		`curl -H 'A: ${B}' -b x=y http://[::1]:80/`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, command string) {
		src, err := FromCurl(command)
		if err != nil || strings.Contains(src, "file: ") {
			return
		}
		if _, err := Parse("scenario.yaml", []byte(src), Options{}); err != nil {
			t.Errorf("%q became\n%s\n%v", command, src, err)
		}
	})
}
