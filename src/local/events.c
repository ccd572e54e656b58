/* Whose events are (events.h). */
#include "trine/events.h"

#include <string.h>

/* WHO is the session SESSION in words (session_text), perhaps with a terminal. */
static bool names_session(const char *who, const char *session)
{
	size_t len = strlen(session), digits;

	if (who == NULL || strncmp(who, "session ", 8) != 0)
		return false;
	who += 8;
	digits = strspn(who, "0123456789");
	if (digits == len && memcmp(who, session, len) == 0)
		return true;
	who += digits;
	return strncmp(who, " (", 2) == 0 && strncmp(who + 2, session, len) == 0 &&
	       who[2 + len] == ')';
}

bool event_names_session(const json_t *event, const char *session)
{
	return names_session(json_string_value(json_object_get(event, "actor")),
			     session) ||
	       names_session(json_string_value(json_object_get(event, "holder")),
			     session);
}
