package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// data reads the files of rows: their first lines, to know the columns.
func (d *decoder) data(n *node) {
	if n == nil {
		return
	}
	if n.kind != kindObject {
		d.fail(n.pos, "write name: { file: rows.csv }", "data must be an object, not %s", kindWords[n.kind])
		return
	}
	sc := &scope{}
	for _, p := range n.pairs {
		if !isName(p.key) || sc.taken(p.key) {
			d.fail(p.pos, "letters, digits and _; no name of a function", "%q is no name for data", p.key)
			continue
		}
		value := p.value
		if value.kind != kindObject {
			value = &node{kind: kindObject, pos: value.pos, pairs: []pair{{"file", value.pos, value}}}
		}
		if f, ok := d.keys(value, dataShape); ok {
			d.dataFile(p.key, value, f)
		}
	}
}

func (d *decoder) dataFile(name string, n *node, f fields) {
	file := f.get("file")
	if file == nil {
		d.fail(n.pos, "for example { file: rows.csv }", "the data %q has no file", name)
		return
	}
	data := &Data{Name: name, File: d.str(file), files: d.folder, pos: file.pos, source: d.source(file.pos)}
	if o := f.get("order"); o != nil {
		data.Order = Order(max(0, slices.Index(orderWords, d.oneOf(o, orderWords...))))
	}
	var err error
	switch {
	case strings.HasSuffix(strings.ToLower(data.File), ".csv"):
		data.columns, err = readColumns(data)
	case strings.HasSuffix(strings.ToLower(data.File), ".jsonl"):
		err = readable(data)
	default:
		d.fail(file.pos, "use .csv or .jsonl", "%q is no kind of file that rows are read from", data.File)
		return
	}
	if err != nil {
		d.fail(file.pos, "files are looked for beside the scenario", "%s: %s", data.File, reason(err))
		data.columns = nil
	}
	d.scenario.Data = append(d.scenario.Data, data)
}

func readable(data *Data) error {
	file, _, err := data.files.open(data.File)
	if err != nil {
		return err
	}
	return file.Close()
}

// readColumns reads the first line of a .csv file.
func readColumns(data *Data) ([]string, error) {
	file, size, err := data.files.open(data.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	row, err := newRows(file, size, true).row()
	if err != nil {
		return nil, fmt.Errorf("it has no first line with the names of its columns")
	}
	fields, message := splitCSV(row, nil)
	if message != "" {
		return nil, &rowError{1, message}
	}
	var columns []string
	for _, f := range fields {
		name := strings.TrimSpace(string(row[f.from:f.to]))
		switch {
		case name == "":
			return nil, &rowError{1, "a column has no name"}
		case slices.Contains(columns, name):
			return nil, &rowError{1, fmt.Sprintf("two columns are called %q", name)}
		}
		columns = append(columns, name)
	}
	return columns, nil
}
