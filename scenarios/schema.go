package scenarios

import (
	"encoding/json"
	"maps"
)

// SchemaURL names the format's JSON Schema; the first line of a written file
// says it to editors.
const SchemaURL = "./brink.schema.json"

// schema is a part of a JSON Schema.
type schema map[string]any

// Schema returns the JSON Schema (draft 2020-12) of scenario files, made of
// the same tables that the decoder refuses keys by.
func Schema() []byte {
	defs := schema{}
	root := objectSchema(rootShape, defs)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "brink scenario"
	root["$defs"] = defs
	b, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of strings always marshal
	}
	return append(b, '\n')
}

// objectSchema is the schema of a shape; those within it go into defs.
func objectSchema(s *shape, defs schema) schema {
	properties := schema{}
	for _, k := range s.keys {
		p := valueSchema(k, defs)
		p["description"] = k.doc
		properties[k.name] = p
	}
	return schema{"type": "object", "description": s.doc, "additionalProperties": false, "properties": properties}
}

// ref is a reference to a shape's schema.
func ref(s *shape, defs schema) schema {
	name := defNames[s]
	if _, done := defs[name]; !done {
		defs[name] = nil // against going round in circles
		defs[name] = objectSchema(s, defs)
	}
	return schema{"$ref": "#/$defs/" + name}
}

// defNames are the names of the shapes in the schema.
var defNames = map[*shape]string{
	authShape: "auth", expectShape: "expect", extractShape: "extract", breakShape: "break", partShape: "part",
	stepShape: "step", taskShape: "task", readyShape: "ready", waitShape: "wait", userShape: "user",
	dataShape: "data", stageShape: "stage", profileShape: "profile",
}

func anyOf(s ...schema) schema       { return schema{"anyOf": s} }
func listOf(s schema) schema         { return schema{"type": "array", "items": s} }
func mapOf(s schema) schema          { return schema{"type": "object", "additionalProperties": s} }
func enumOf(words []string) schema   { return schema{"enum": words} }
func pattern(expr string) schema     { return schema{"type": "string", "pattern": expr} }
func orVariable(s ...schema) schema  { return anyOf(append(s, pattern(`\$\{`))...) }
func atLeast(t string, n int) schema { return schema{"type": t, "minimum": n} }

var (
	scalar       = schema{"type": []string{"string", "number", "boolean"}}
	durationText = pattern(`^\s*([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+\s*$|^\s*[+-]?0\s*$`)
	zero         = schema{"const": 0}
)

// valueSchema is the schema of the values a key takes.
func valueSchema(k key, defs schema) schema {
	text := schema{"type": "string"}
	switch k.kind {
	case aText, anyText:
		return maps.Clone(scalar) // its key's description goes into it
	case aNumber:
		return orVariable(atLeast("number", 0))
	case aCount:
		return orVariable(atLeast("integer", 0))
	case aDuration:
		return orVariable(durationText, zero)
	case aSize:
		return orVariable(pattern(`^\s*[0-9.]+\s*([kKMG]?B|[KMG]iB)?\s*$`), atLeast("number", 0))
	case aWord:
		if k.name == "http_version" {
			return orVariable(enumOf(k.enum), schema{"enum": []float64{1.1, 2}})
		}
		return orVariable(enumOf(k.enum))
	case aTextList:
		return anyOf(scalar, listOf(scalar))
	case aWordList:
		return anyOf(enumOf(k.enum), listOf(enumOf(k.enum)))
	case textMap:
		return mapOf(schema{"type": []string{"string", "number", "boolean", "null"}})
	case valueMap:
		return mapOf(anyOf(scalar, schema{"type": "null"}, listOf(scalar)))
	case partMap:
		return mapOf(anyOf(scalar, ref(k.of, defs), listOf(anyOf(scalar, ref(k.of, defs)))))
	case objects, stepList:
		return listOf(ref(k.of, defs))
	case objectMap:
		return mapOf(ref(k.of, defs))
	case wordOrObject:
		return anyOf(enumOf(k.enum), listOf(enumOf(k.enum)), ref(k.of, defs))
	case textOrMap, dataMap:
		return mapOf(anyOf(text, ref(k.of, defs)))
	case aWait:
		return orVariable(durationText, pattern(`\.\.`), zero, ref(k.of, defs))
	case anAuth:
		return anyOf(schema{"const": "none"}, ref(k.of, defs))
	case aRedirect:
		return orVariable(schema{"type": "boolean"}, atLeast("integer", 0))
	case aStatus:
		return anyOf(statusSchema(), listOf(statusSchema()))
	case anExpect:
		return anyOf(statusSchema(), listOf(statusSchema()), ref(k.of, defs))
	case aProfile, aReady:
		return anyOf(text, ref(k.of, defs))
	case aRate:
		return orVariable(pattern(`^\s*[0-9.eE+]+\s*(/\s*[smh])?\s*$`), atLeast("number", 0))
	}
	return schema{}
}

func statusSchema() schema {
	return orVariable(schema{"type": "integer", "minimum": 100, "maximum": 599}, pattern(`^[1-5]([xX][xX]|[0-9][0-9])$`))
}
