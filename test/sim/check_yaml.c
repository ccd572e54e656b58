/* YAML to JSON, event by event, with the limits of design §4.1. */
#include "check_base.h"

#include <string.h>
#include <yaml.h>

enum { DEEPEST = 4 };

struct reader {
	yaml_parser_t parser;
	const char *why;
};

static json_t *refuse(struct reader *reader, const char *why)
{
	if (!reader->why)
		reader->why = why;
	return NULL;
}

static bool next(struct reader *reader, yaml_event_t *event)
{
	if (yaml_parser_parse(&reader->parser, event))
		return true;
	refuse(reader, "not YAML");
	return false;
}

static json_t *node(struct reader *reader, yaml_event_t *event, int depth);

static json_t *scalar(struct reader *reader, const yaml_event_t *event)
{
	json_t *text;

	if (event->data.scalar.anchor)
		return refuse(reader, "an anchor");
	if (event->data.scalar.tag)
		return refuse(reader, "a tag");
	text = json_stringn((const char *)event->data.scalar.value,
			    event->data.scalar.length);
	return text ? text : refuse(reader, "not UTF-8");
}

static json_t *sequence(struct reader *reader, int depth)
{
	json_t *list = json_array();
	yaml_event_t event;

	while (next(reader, &event)) {
		bool end = event.type == YAML_SEQUENCE_END_EVENT;
		json_t *item = end ? NULL : node(reader, &event, depth);

		yaml_event_delete(&event);
		if (end)
			return list;
		if (!item)
			break;
		json_array_append_new(list, item);
	}
	json_decref(list);
	return NULL;
}

/* Takes the value of KEY into MAP. */
static bool pair(struct reader *reader, json_t *map, const char *key, int depth)
{
	yaml_event_t event;
	json_t *value;

	if (json_object_get(map, key)) {
		refuse(reader, "a key twice");
		return false;
	}
	if (!next(reader, &event))
		return false;
	value = node(reader, &event, depth);
	yaml_event_delete(&event);
	if (!value)
		return false;
	if (json_object_set_new(map, key, value)) {
		refuse(reader, "a key that is no text");
		return false;
	}
	return true;
}

static json_t *mapping(struct reader *reader, int depth)
{
	json_t *map = json_object();
	yaml_event_t event;

	while (next(reader, &event)) {
		bool end = event.type == YAML_MAPPING_END_EVENT, good = false;

		if (!end && event.type != YAML_SCALAR_EVENT)
			refuse(reader, "a key that is no scalar");
		else if (!end)
			good = pair(reader, map, (const char *)
				    event.data.scalar.value, depth);
		yaml_event_delete(&event);
		if (end)
			return map;
		if (!good)
			break;
	}
	json_decref(map);
	return NULL;
}

static json_t *node(struct reader *reader, yaml_event_t *event, int depth)
{
	if (depth > DEEPEST)
		return refuse(reader, "too deep");
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		if (event->data.sequence_start.anchor ||
		    event->data.sequence_start.tag)
			return refuse(reader, "an anchor or tag");
		return sequence(reader, depth + 1);
	case YAML_MAPPING_START_EVENT:
		if (event->data.mapping_start.anchor ||
		    event->data.mapping_start.tag)
			return refuse(reader, "an anchor or tag");
		return mapping(reader, depth + 1);
	default:
		return refuse(reader, "an alias, or a second document");
	}
}

/* The one document, and that nothing follows. */
static json_t *document(struct reader *reader)
{
	static const yaml_event_type_t before[] = {
		YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT,
	}, after[] = { YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT };
	yaml_event_t event;
	json_t *top = NULL;

	for (int i = 0; i < 5; i++) {
		if (!next(reader, &event))
			break;
		if (i == 2)
			top = node(reader, &event, 0);
		else if (event.type != (i < 2 ? before[i] : after[i - 3]))
			refuse(reader, "not one document");
		yaml_event_delete(&event);
		if (reader->why)
			break;
	}
	if (top && !json_is_object(top))
		refuse(reader, "not a mapping");
	return top;
}

json_t *ck_yaml(const char *text, size_t size, size_t most, const char **why)
{
	struct reader reader = { .why = size > most ? "too long" : NULL };
	json_t *top = NULL;

	if (!reader.why && yaml_parser_initialize(&reader.parser)) {
		yaml_parser_set_input_string(&reader.parser,
					     (const unsigned char *)text, size);
		top = document(&reader);
		yaml_parser_delete(&reader.parser);
	}
	*why = reader.why;
	if (!reader.why)
		return top;
	json_decref(top);
	return NULL;
}
