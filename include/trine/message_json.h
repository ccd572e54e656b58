/* A message as JSON: the fields of design section 11, in the event log, for
 * `--json` and for instances. jansson's json_t; references as jansson says. */
#ifndef TRINE_MESSAGE_JSON_H
#define TRINE_MESSAGE_JSON_H

#include <jansson.h>

#include "trine/message.h"
#include "trine/store.h"

/* New reference. Keys: id stream seq type priority from for title body sent re
 * labels due and the extras (their YAML as a string). Absent when empty. An
 * extra named like another key of this header, or +X, has one more + in front.
 * ID may be NULL. NULL if a text of it is no UTF-8. */
json_t *message_to_json(const char *id, const struct message *m);
/* ERR_DATA if JSON is not what message_to_json makes. M is overwritten; sizes
 * are not checked again. */
int message_from_json(const json_t *json, struct message *m, struct error *err);

/* With "schema": 1, "to", "state", "note" and, if COUNT > 0, "history". (`show`
 * adds "anew", the id under which the text was sent once more.) */
json_t *record_to_json(const struct record *r, const struct moment *history,
		       size_t count);

#endif
