/* Lines of the event log as JSON: whose they are. */
#ifndef TRINE_EVENTS_H
#define TRINE_EVENTS_H

#include <jansson.h>
#include <stdbool.h>

/* Did SESSION, a number or a name, do it, or does it have what the event is about? */
bool event_names_session(const json_t *event, const char *session);

#endif
