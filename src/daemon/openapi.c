/* The table of operations as OpenAPI 3.1 (api.h): what is served is what is described. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "trine/mem.h"

static void put(json_t *json, const char *key, json_t *value)
{
	json_object_set_new(json, key, value);
}

static json_t *words_to_json(const char *words)
{
	json_t *list = json_array();

	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		json_array_append_new(list, json_stringn(words, len));
		words += len + (words[len] == ' ');
	}
	return list;
}

/* ---- types ---- */

static json_t *reference(const char *name)
{
	char *path = xasprintf("#/components/schemas/%s", name);
	json_t *json = json_pack("{s:s}", "$ref", path);

	free(path);
	return json;
}

static json_t *number_type(const struct api_field *f)
{
	json_t *type = json_pack("{s:s, s:I}", "type", "integer", "minimum",
				 (json_int_t)f->least);

	if (f->most != 0)
		put(type, "maximum", json_integer((json_int_t)f->most));
	return type;
}

static json_t *text_type(const struct api_field *f)
{
	json_t *type = json_pack("{s:s}", "type", "string");

	if (f->words != NULL)
		put(type, "enum", words_to_json(f->words));
	if (f->kind == API_LONG)
		put(type, "pattern", json_string("^[0-9]+[smhd]?$"));
	return type;
}

static json_t *field_type(const struct api_field *f)
{
	switch (f->kind) {
	case API_NUMBER:
		return number_type(f);
	case API_FLAG:
		return json_pack("{s:s}", "type", "boolean");
	case API_TEXTS:
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type",
				 "string");
	case API_TIME:
		return json_pack("{s:[s, s], s:s}", "type", "string", "null", "format",
				 "date-time");
	case API_MAYBE:
		return json_pack("{s:[s, s]}", "type", "string", "null");
	case API_SOME:
		return json_pack("{s:[s, s]}", "type", "integer", "null");
	case API_OBJECT:
		return reference(f->words);
	case API_OBJECTS:
		return json_pack("{s:s, s:o}", "type", "array", "items",
				 reference(f->words));
	case API_MAP:
		return json_pack("{s:s, s:{s:s}}", "type", "object",
				 "additionalProperties", "type", "integer");
	case API_ANY:
		return json_object();
	default:
		return text_type(f);
	}
}

static json_t *described_type(const struct api_field *f)
{
	json_t *type = field_type(f);

	if (f->help != NULL)
		put(type, "description", json_string(f->help));
	return type;
}

static json_t *fields_to_schema(const struct api_field *f)
{
	json_t *properties = json_object(), *needed = json_array(), *schema;
	json_t *others = NULL;

	for (; f != NULL && f->name != NULL; f++) {
		if (strcmp(f->name, API_OTHERS) == 0) {
			others = described_type(f);
			continue;
		}
		put(properties, f->name, described_type(f));
		if (f->needed)
			json_array_append_new(needed, json_string(f->name));
	}
	schema = json_pack("{s:s, s:o}", "type", "object", "properties", properties);
	if (others != NULL)
		put(schema, "additionalProperties", others);
	if (json_array_size(needed) > 0)
		put(schema, "required", needed);
	else
		json_decref(needed);
	return schema;
}

/* ---- operations ---- */

static json_t *parameter_to_json(const char *name, const char *in, bool needed,
				 const char *help, json_t *type)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", name, "in", in,
			 "required", (int)needed, "description", help, "schema", type);
}

static json_t *parameters(const struct api_operation *o)
{
	json_t *list = json_array();

	for (const char *at = strchr(o->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
		char *name = xstrndup(at + 1, strcspn(at + 1, "}"));

		json_array_append_new(list, parameter_to_json(name, "path", true, name,
			json_pack("{s:s}", "type", "string")));
		free(name);
	}
	if (o->method == METHOD_POST)
		json_array_append_new(list, parameter_to_json("Trine-Session", "header",
			false, "the session that acts, by number or name; else a person",
			json_pack("{s:s}", "type", "string")));
	for (const struct api_field *f = o->fields; o->method == METHOD_GET && f != NULL &&
	     f->name != NULL; f++)
		json_array_append_new(list, parameter_to_json(f->name, "query", f->needed,
							      f->help, field_type(f)));
	return list;
}

static json_t *body(const struct api_operation *o)
{
	json_t *schema = fields_to_schema(o->fields);

	put(json_object_get(schema, "properties"), "session", json_pack("{s:s, s:s}",
	    "type", "string", "description", "as Trine-Session says it"));
	put(schema, "additionalProperties", json_false());
	return json_pack("{s:b, s:{s:{s:o}}}", "required",
			 (int)(json_object_get(schema, "required") != NULL), "content",
			 "application/json", "schema", schema);
}

static json_t *answer_to_json(const struct api_operation *o)
{
	bool stream = o->flags & API_STREAM, plain = o->flags & API_PLAIN;
	json_t *type = stream || plain ? json_pack("{s:s}", "type", "string") :
		reference(o->gives);

	return json_pack("{s:s, s:{s:{s:o}}}", "description", "as asked", "content",
			 stream ? "text/event-stream" : o->flags & API_PAGE ?
			 "text/html" : plain ? "text/plain" : "application/json",
			 "schema", type);
}

static json_t *operation_to_json(const struct api_operation *o, const char *tag)
{
	json_t *json = json_pack("{s:s, s:s, s:[s], s:o, s:{s:o, s:{s:s, s:{s:{s:o}}}}}",
		"operationId", o->name, "summary", o->summary, "tags", tag,
		"parameters", parameters(o),
		"responses", "200", answer_to_json(o),
		"default", "description", "why not", "content", "application/json",
		"schema", reference("Error"));

	if (o->method == METHOD_POST)
		put(json, "requestBody", body(o));
	if (o->flags & API_OPEN)
		put(json, "security", json_array());
	return json;
}

static void add_operation(json_t *paths, const struct api_operation *o, const char *tag)
{
	json_t *path = json_object_get(paths, o->path);

	if (path == NULL) {
		path = json_object();
		put(paths, o->path, path);
	}
	put(path, o->method == METHOD_GET ? "get" : "post", operation_to_json(o, tag));
}

/* Of the hub's port all of HUB, and what is there, too. */
static void add_part(json_t *paths, json_t *schemas, json_t *tags,
		     const struct api_part *part, bool all)
{
	json_array_append_new(tags, json_pack("{s:s, s:s}", "name", part->name,
					      "description", part->help));
	for (const struct api_operation *o = part->operation; o->path != NULL; o++)
		if (all || o->flags & API_HUB_TOO)
			add_operation(paths, o, part->name);
	for (const struct api_schema *s = part->schema; s->name != NULL; s++) {
		json_t *schema = fields_to_schema(s->fields);

		put(schema, "description", json_string(s->help));
		put(schemas, s->name, schema);
	}
}

json_t *openapi_json(bool hub)
{
	json_t *paths = json_object(), *schemas = json_object(), *tags = json_array();

	if (hub)
		add_part(paths, schemas, tags, &api_hub, true);
	for (size_t i = 0; api_parts[i] != NULL; i++)
		add_part(paths, schemas, tags, api_parts[i], !hub);
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:o, s:{s:o, s:{s:{s:s, s:s}}}, "
		"s:[{s:[]}]}", "openapi", "3.1.0", "info", "title", "trine", "version",
		TRINE_VERSION, "description", hub ? "The hub: the fleet, for scripts that "
		"know only HTTP. trined(8) says more." : "The coordinator of one computer: "
		"what the command line does, by HTTP. trined(8) says more.",
		"tags", tags, "paths", paths, "components", "schemas", schemas,
		"securitySchemes", "token", "type", "http", "scheme", "bearer",
		"security", "token");
}
