/*
 * A decision of routes.h in words, and as JSON: `trine route` prints these, and the daemon
 * answers with them.
 */
#include "trine/routes.h"

#include "trine/text.h"

const char *route_by_name(enum route_by by)
{
	static const char *const names[] = {
		[ROUTE_BY_NAME] = "name", [ROUTE_BY_RULE] = "rule",
		[ROUTE_BY_BEING_ALONE] = "alone",
		[ROUTE_BY_SPECIALTY] = "specialty",
	};

	return names[by];
}

static const char *health_name(enum routing_health health)
{
	static const char *const names[] = {
		[ROUTING_UNKNOWN] = "unknown", [ROUTING_UP] = "up",
		[ROUTING_SLOW] = "slow", [ROUTING_DOWN] = "down",
	};

	return names[health];
}

static const char *verdict_words(enum routing_verdict v)
{
	static const char *const words[] = {
		[ROUTING_CHOSEN] = "chosen",
		[ROUTING_STANDS_IN] = "chosen, for the one that is meant and cannot now",
		[ROUTING_AWAITED] = "chosen: it is down, and gets it when it is back",
		[ROUTING_NOT_MEANT] = "another one is meant",
		[ROUTING_IS_DOWN] = "it is down",
		[ROUTING_IS_FULL] = "too many wait for it already",
		[ROUTING_NO_WORD] = "nothing of it is in its specialty",
		[ROUTING_MATCHES_LESS] = "another one matches better",
		[ROUTING_LESS_FREE] = "another one is as good, and more free",
	};

	return words[v];
}

static const char *words_of(const struct route_decision *d, size_t i)
{
	return d->match != NULL ? d->match[i].words : NULL;
}

void route_option_say(struct buf *out, const struct route_decision *d, size_t i)
{
	const struct routing_candidate *c = &d->option[i];

	buf_adds(out, verdict_words(c->verdict));
	if (words_of(d, i) != NULL)
		buf_printf(out, "; it matches %s (%.3g)", words_of(d, i), c->score);
	if (c->running + c->waiting > 0)
		buf_printf(out, "; %llu of %llu at work, %llu waiting",
			   (unsigned long long)c->running,
			   (unsigned long long)c->capacity,
			   (unsigned long long)c->waiting);
	if (c->health != ROUTING_UNKNOWN)
		buf_printf(out, "; %s", health_name(c->health));
}

json_t *route_option_to_json(const struct route_decision *d, size_t i)
{
	const struct routing_candidate *c = &d->option[i];

	return json_pack("{s:b, s:s, s:f, s:s*, s:s, s:I, s:I, s:I, s:I}",
			 "chosen", (int)i == d->chosen,
			 "verdict", routing_verdict_name(c->verdict),
			 "score", c->score, "words", words_of(d, i),
			 "health", health_name(c->health),
			 "running", (json_int_t)c->running,
			 "waiting", (json_int_t)c->waiting,
			 "capacity", (json_int_t)c->capacity,
			 "weight", (json_int_t)c->weight);
}
