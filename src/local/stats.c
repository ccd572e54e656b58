/*
 * The event log, counted (stats.h): a table says what an event adds to its week. Only
 * lines of these types are read as JSON.
 */
#include "trine/stats.h"

#include <jansson.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats_late.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { DAY = 86400, WEEK = 7 * DAY, MONDAY = 4 * DAY /* the first since 1970 */ };

/* ---- weeks ---- */

static int64_t week_of(int64_t time)
{
	int64_t within = (time - MONDAY) % WEEK;

	return time - within - (within < 0 ? WEEK : 0);
}

/* The year of a week is that of its Thursday. */
const char *stats_week_name(int64_t time, char out[WEEK_TEXT])
{
	int64_t thursday = week_of(time) + 3 * DAY, january;
	char text[TIME_TEXT];

	time_format(thursday, text);
	memcpy(text + 4, "-01-01T00:00:00Z", sizeof("-01-01T00:00:00Z"));
	time_parse(span_str(text), &january);
	snprintf(out, WEEK_TEXT, "%.4s-W%02d", text,
		 (int)((thursday - january) / WEEK) + 1);
	return out;
}

/* In order of time, nearly always the last one. */
static struct stats_week *find_week(struct stats *s, int64_t time)
{
	int64_t from = week_of(time);
	size_t at = s->count;

	while (at > 0 && s->week[at - 1].from > from)
		at--;
	if (at > 0 && s->week[at - 1].from == from)
		return &s->week[at - 1];
	ARRAY_GROW(s->week, s->count, s->cap);
	memmove(&s->week[at + 1], &s->week[at],
		(s->count++ - at) * sizeof(*s->week));
	s->week[at] = (struct stats_week){ .from = from };
	return &s->week[at];
}

static void add(struct stats *s, int64_t time, enum stats_figure figure, uint64_t n)
{
	if (n > 0 && time >= s->since)
		find_week(s, time)->figure[figure] += n;
}

/* ---- lengths of time ---- */

static size_t bucket_of(int64_t seconds)
{
	size_t power = 0, bucket;

	if (seconds < 32)
		return seconds < 0 ? 0 : (size_t)seconds;
	while (seconds >> power >= 32)
		power++;
	bucket = 32 + 16 * (power - 1) + (size_t)(seconds >> power) - 16;
	return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1;
}

/* The middle of a bucket. */
static int64_t length_of(size_t bucket)
{
	size_t power;

	if (bucket < 32)
		return (int64_t)bucket;
	power = (bucket - 32) / 16 + 1;
	return (((int64_t)(bucket - 32) % 16 + 16) << power) +
	       (INT64_C(1) << power) / 2;
}

void stats_times_add(struct stats_times *t, int64_t seconds)
{
	t->bucket[bucket_of(seconds)]++;
	t->count++;
}

int64_t stats_median(const struct stats_times *t)
{
	uint64_t below = 0;

	for (size_t i = 0; i < STATS_BUCKETS; i++) {
		below += t->bucket[i];
		if (below > 0 && below > (t->count - 1) / 2)
			return length_of(i);
	}
	return -1;
}

/* ---- what is under way ---- */

/* A task that somebody has, a session that waits, a claim that is held: by kind and
 * name, since when. */
struct thing {
	char *key;
	char *lock;		/* that a session waits for */
	int64_t since;
	bool got;		/* it has it */
};

struct stats_counting {
	void *things;		/* tree of struct thing */
	struct stats_late *late;
};

struct taking {
	struct stats *s;
	struct stats_counting *c;
	const json_t *event;
	int64_t time;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct thing *)a)->key, ((const struct thing *)b)->key);
}

static struct thing *find_thing(struct stats_counting *c, char *key)
{
	struct thing wanted = { .key = key };
	struct thing **found = tfind(&wanted, &c->things, by_key);

	return found != NULL ? *found : NULL;
}

static void end_thing(struct stats_counting *c, struct thing *t)
{
	if (t == NULL)
		return;
	tdelete(t, &c->things, by_key);
	free(t->key);
	free(t->lock);
	free(t);
}

/* KEY becomes its. */
static struct thing *begin_thing(struct stats_counting *c, char *key, int64_t since)
{
	struct thing *t = xcalloc(1, sizeof(*t));

	end_thing(c, find_thing(c, key));
	*t = (struct thing){ .key = key, .since = since };
	mem_need(tsearch(t, &c->things, by_key));
	return t;
}

/* ---- what each event means ---- */

static const char *text_of(const struct taking *t, const char *key)
{
	const char *text = json_string_value(json_object_get(t->event, key));

	return text != NULL ? text : "";
}

static bool is_true(const struct taking *t, const char *key)
{
	return json_is_true(json_object_get(t->event, key));
}

static bool is_task(const struct taking *t)
{
	const char *type = json_string_value(json_object_get(
		json_object_get(t->event, "message"), "type"));

	return type != NULL && strcmp(type, "task") == 0;
}

static char *task_key(const struct taking *t)
{
	return xasprintf("task %s", text_of(t, "id"));
}

static struct thing *the_task(const struct taking *t)
{
	char *key = task_key(t);
	struct thing *found = find_thing(t->c, key);

	free(key);
	return found;
}

static void task_begins(const struct taking *t)
{
	begin_thing(t->c, task_key(t), t->time);
}

static void task_is_free(const struct taking *t)
{
	end_thing(t->c, the_task(t));
}

static void task_ends(const struct taking *t)
{
	bool done = strcmp(text_of(t, "state"), "COMPLETED") == 0;
	struct thing *had = the_task(t);

	add(t->s, t->time, done ? STATS_DONE : STATS_FAILED, 1);
	if (done && had != NULL && t->time >= t->s->since)
		stats_times_add(&find_week(t->s, t->time)->took,
				t->time - had->since);
	end_thing(t->c, had);
}

static void message_comes(const struct taking *t)
{
	add(t->s, t->time, STATS_RECEIVED, 1);
	if (is_task(t))
		add(t->s, t->time, STATS_TASKS, 1);
}

static void message_goes(const struct taking *t)
{
	add(t->s, t->time, STATS_SENT, 1);
	late_sent(t->c->late, text_of(t, "id"));
}

static void message_moves(const struct taking *t)
{
	late_sent(t->c->late, text_of(t, "to"));
}

static void commit_is_made(const struct taking *t)
{
	late_made(t->c->late, text_of(t, "commit"), text_of(t, "replaces"));
}

static void commit_is_gone(const struct taking *t)
{
	late_gone(t->c->late, text_of(t, "commit"));
}

static void commit_is_pushed(const struct taking *t)
{
	late_pushed(t->c->late, text_of(t, "commit"), t->time);
}

static void status_comes(const struct taking *t)
{
	int computer = (int)json_integer_value(json_object_get(t->event, "computer"));

	add(t->s, t->time, STATS_LATE,
	    late_read(t->c->late, computer, json_object_get(t->event, "received"),
		      t->time));
}

static char *wait_key(const struct taking *t)
{
	return xasprintf("wait %lld", (long long)json_integer_value(
		json_object_get(t->event, "session")));
}

static void end_wait(const struct taking *t, struct thing *wait)
{
	int64_t long_ = t->time > wait->since ? t->time - wait->since : 0;
	struct stats_week *week;

	if (t->time >= t->s->since) {
		week = find_week(t->s, t->time);
		week->figure[STATS_WAITS]++;
		week->figure[STATS_WAITS_IN_VAIN] += !wait->got;
		week->waited += long_;
		if (long_ > week->longest)
			week->longest = long_;
	}
	end_thing(t->c, wait);
}

/* It begins, or is over; who was killed while he waited says nothing. */
static void session_waits(const struct taking *t)
{
	const char *lock = text_of(t, "name");
	char *key = wait_key(t);
	struct thing *wait = find_thing(t->c, key);

	if (wait != NULL)
		end_wait(t, wait);
	if (*lock == '\0')
		free(key);
	else
		begin_thing(t->c, key, t->time)->lock = xstrdup(lock);
}

static void lock_is_taken(const struct taking *t)
{
	char *key = wait_key(t);
	struct thing *wait = find_thing(t->c, key);

	if (wait != NULL && strcmp(wait->lock, text_of(t, "name")) == 0)
		wait->got = true;
	free(key);
}

static char *claim_key(const struct taking *t)
{
	return xasprintf("claim %s", text_of(t, "name"));
}

static void claim_begins(const struct taking *t)
{
	begin_thing(t->c, claim_key(t), t->time);
}

static void claim_is_held(const struct taking *t)
{
	begin_thing(t->c, claim_key(t), t->time)->got = true;
}

static void claim_ends(const struct taking *t)
{
	char *key = claim_key(t);

	end_thing(t->c, find_thing(t->c, key));
	free(key);
}

/* What was held is lost; else another computer was faster. What is still wanted is
 * none of both. */
static void claim_is_lost(const struct taking *t)
{
	char *key = claim_key(t);
	struct thing *claim = find_thing(t->c, key);
	bool held = claim != NULL && claim->got;

	if (held)
		add(t->s, t->time, STATS_CLAIMS_LOST, 1);
	else if (!is_true(t, "again"))
		add(t->s, t->time, STATS_REFUSED_CLAIMS, 1);
	if (is_true(t, "again"))
		begin_thing(t->c, xstrdup(key), t->time);
	else
		end_thing(t->c, claim);
	free(key);
}

static void refusals_are_told(const struct taking *t)
{
	struct refusals r = { .since = t->time };

	time_parse(span_str(text_of(t, "since")), &r.since);
	for (int i = 0; i < REFUSED_KINDS; i++)
		r.count[i] = (uint64_t)json_integer_value(json_object_get(
			t->event, refused_name((enum refused)i)));
	stats_take_refusals(t->s, &r);
}

/* ---- reading ---- */

/* In order of how often they are in a log, about. FIGURE: where there is no TAKE. */
static const struct {
	const char *type;
	void (*take)(const struct taking *t);
	enum stats_figure figure;
} types[] = {
	{ "task.claimed", task_begins, 0 },
	{ "task.ended", task_ends, 0 },
	{ "task.added", NULL, STATS_TASKS },
	{ "task.again", task_is_free, 0 },
	{ "message.released", task_is_free, 0 },
	{ "message.begun", task_begins, 0 },
	{ "message.handed", task_begins, 0 },
	{ "message.received", message_comes, 0 },
	{ "message.sent", message_goes, 0 },
	{ "message.renumbered", message_moves, 0 },
	{ "commit.made", commit_is_made, 0 },
	{ "commit.seen", commit_is_pushed, 0 },
	{ "commit.dropped", commit_is_gone, 0 },
	{ "commit.lost", commit_is_gone, 0 },
	{ "computer.seen", status_comes, 0 },
	{ "lock.acquired", lock_is_taken, 0 },
	{ "lock.waiting", session_waits, 0 },
	{ "claim.wanted", claim_begins, 0 },
	{ "claim.held", claim_is_held, 0 },
	{ "claim.released", claim_ends, 0 },
	{ "claim.lost", claim_is_lost, 0 },
	{ "claims.refused", refusals_are_told, 0 },
	{ "copy.kept", NULL, STATS_COPIES },
	{ "copy.counted", NULL, STATS_COPIES_COUNTED },
	{ "path.restored", NULL, STATS_RESTORED },
};

void stats_begin(struct stats *s, int64_t since)
{
	*s = (struct stats){ .since = since,
			     .counting = xcalloc(1, sizeof(*s->counting)) };
	s->counting->late = late_begin();
}

static void take_json(struct taking *t, size_t type, struct span line)
{
	json_t *event = json_loadb(line.p, line.len, 0, NULL);

	t->event = event;
	if (event != NULL)
		types[type].take(t);
	json_decref(event);
}

void stats_take(struct stats *s, struct span line)
{
	struct taking t = { .s = s, .c = s->counting };
	struct span type;

	store_log_head(line, &t.time, &type);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!span_is(type, types[i].type))
			continue;
		if (types[i].take != NULL)
			take_json(&t, i, line);
		else
			add(s, t.time, types[i].figure, 1);
		return;
	}
}

void stats_take_refusals(struct stats *s, const struct refusals *r)
{
	static const enum stats_figure figures[] = {
		[REFUSED_TASKS] = STATS_REFUSED_TASKS,
		[REFUSED_LOCKS] = STATS_REFUSED_LOCKS,
		[REFUSED_FILES] = STATS_REFUSED_FILES,
		[REFUSED_CLAIMS] = STATS_REFUSED_CLAIMS,
	};

	for (size_t i = 0; i < REFUSED_KINDS; i++)
		add(s, r->since, figures[i], r->count[i]);
}

static void add_week(struct stats_week *to, const struct stats_week *week)
{
	for (size_t i = 0; i < STATS_FIGURES; i++)
		to->figure[i] += week->figure[i];
	to->waited += week->waited;
	if (week->longest > to->longest)
		to->longest = week->longest;
	to->took.count += week->took.count;
	for (size_t i = 0; i < STATS_BUCKETS; i++)
		to->took.bucket[i] += week->took.bucket[i];
}

void stats_add_up(struct stats *s)
{
	s->total = (struct stats_week){ 0 };
	for (size_t i = 0; i < s->count; i++)
		add_week(&s->total, &s->week[i]);
}

void stats_release(struct stats *s)
{
	struct stats_counting *c = s->counting;

	while (c != NULL && c->things != NULL)
		end_thing(c, *(struct thing **)c->things);
	if (c != NULL)
		late_release(c->late);
	free(c);
	free(s->week);
	*s = (struct stats){ 0 };
}

static int take_line(void *arg, const char *line, size_t len)
{
	stats_take(arg, (struct span){ line, len });
	return 0;
}

int stats_gather(struct home *h, int64_t since, struct stats *out,
		 struct error *err)
{
	const struct log_filter all = { 0 };
	struct refusals pending;
	uint64_t next;

	stats_begin(out, since);
	if (store_log(h->store, &all, 0, take_line, out, &next, err) == -1)
		return -1;
	/* behind the log: what it was told in between is in neither, not in both */
	refused_pending(h, &pending);
	stats_take_refusals(out, &pending);
	stats_add_up(out);
	return 0;
}
