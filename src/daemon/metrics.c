/* Figures for Prometheus, in its text format 0.0.4 (web.h). Labels are names of
 * trine.ini and words of ours: their number does not grow. */
#include <sys/resource.h>

#include "trine/cycles.h"
#include "trine/instances.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/overview.h"
#include "trine/task.h"
#include "trine/store_task.h"
#include "web.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP trine_%s %s\n# TYPE trine_%s %s\n", name, help, name,
		   type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help,
		long long value)
{
	head(out, name, type, help);
	buf_printf(out, "trine_%s %lld\n", name, value);
}

static void add_cycle(struct buf *out, const struct overview *o)
{
	const struct report *r = &o->report;

	one(out, "sync_last_success_timestamp_seconds", "gauge",
	    "When the remote last answered; 0: never.", r->fetched);
	one(out, "sync_last_end_timestamp_seconds", "gauge",
	    "When the last cycle ended.", r->ended);
	one(out, "sync_duration_seconds", "gauge", "How long the last cycle took.",
	    r->ended > r->started ? r->ended - r->started : 0);
	head(out, "sync_cycles_total", "counter", "Cycles that came to an end, or were cut.");
	buf_printf(out, "trine_sync_cycles_total{result=\"ok\"} %u\n",
		   r->cycles - r->failed);
	buf_printf(out, "trine_sync_cycles_total{result=\"failed\"} %u\n", r->failed);
	one(out, "sync_failures", "gauge",
	    "Cycles in a row that did not reach the remote.", r->failures);
	one(out, "commits_unpushed", "gauge", "Commits that no tip has.", o->commits);
	one(out, "messages_uncommitted", "gauge", "Messages in no commit yet.",
	    o->messages);
	one(out, "problems", "gauge", "What `trine status` lists as problems.",
	    (long long)o->problem_count);
	one(out, "alerts", "gauge", "Alerts that are open.", (long long)o->alert.count);
	one(out, "sessions", "gauge", "Sessions that have not ended.",
	    (long long)o->session.count);
	one(out, "computers", "gauge", "Other computers.", (long long)o->peer_count);
}

static void add_tasks(struct buf *out, const struct record_list *open)
{
	static const enum task_state shown[] = {
		TASK_QUEUED, TASK_ASSIGNED, TASK_IN_PROGRESS, TASK_BLOCKED
	};
	unsigned count[TASK_FAILED + 1] = { 0 };
	enum task_state state;

	for (size_t i = 0; i < open->count; i++)
		if (task_state_parse(span_str(open->item[i].state), &state))
			count[state]++;
	head(out, "tasks", "gauge", "Tasks that have not ended, by state.");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		buf_printf(out, "trine_tasks{state=\"%s\"} %u\n",
			   task_state_name(shown[i]), count[shown[i]]);
}

/* Their names have no quotes and no backslashes (plain_name_valid). */
static void add_instances(struct buf *out, const struct overview *o)
{
	head(out, "instance_queued", "gauge", "Tasks for it that it does not have yet.");
	for (size_t i = 0; i < o->instance_count; i++)
		buf_printf(out, "trine_instance_queued{name=\"%s\"} %u\n",
			   o->instance[i].name, o->instance[i].queued);
	head(out, "instance_running", "gauge", "Tasks it works on.");
	for (size_t i = 0; i < o->instance_count; i++)
		buf_printf(out, "trine_instance_running{name=\"%s\"} %u\n",
			   o->instance[i].name, o->instance[i].running);
}

/* One figure of each copy; those that are not known are left out. */
static void add_each(struct buf *out, const struct instance_list *l, const char *name,
		     const char *type, const char *help,
		     double (*value)(const struct instance_now *n))
{
	head(out, name, type, help);
	for (size_t i = 0; i < l->count; i++) {
		double v = value(&l->item[i]);

		if (v >= 0)
			buf_printf(out, "trine_%s{name=\"%s\",copy=\"%lld\"} %.6g\n",
				   name, l->item[i].i->name,
				   (long long)l->item[i].copy, v);
	}
}

static double is_up(const struct instance_now *n)
{
	return !n->watched ? -1 : instance_state_serves(n->health.state);
}

static double memory_of(const struct instance_now *n)
{
	return (double)n->health.memory;
}

static double cpu_of(const struct instance_now *n)
{
	return (double)n->health.cpu / 1000;
}

static double response_of(const struct instance_now *n)
{
	return (double)n->health.response_ms / 1000;
}

static double failures_of(const struct instance_now *n)
{
	return n->health.failures;
}

static double restarts_of(const struct instance_now *n)
{
	return n->watched ? (double)n->health.restarts : -1;
}

static int add_watched(struct home *h, struct buf *out, struct error *err)
{
	static const struct {
		const char *name, *type, *help;
		double (*value)(const struct instance_now *n);
	} figures[] = {
		{ "instance_up", "gauge", "Does it serve?", is_up },
		{ "instance_memory_bytes", "gauge", "Resident memory.", memory_of },
		{ "instance_cpu_ratio", "gauge", "Of one processor, lately.", cpu_of },
		{ "instance_response_seconds", "gauge", "Of its last answer.",
		  response_of },
		{ "instance_failures", "gauge", "Starts in a row that were no good.",
		  failures_of },
		{ "instance_restarts_total", "counter",
		  "Starts by this daemon after the first.", restarts_of },
	};
	struct instance_list l;

	if (instances_list(h, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		add_each(out, &l, figures[i].name, figures[i].type, figures[i].help,
			 figures[i].value);
	instance_list_release(&l);
	return 0;
}

static int add_inbox(struct home *h, struct buf *out, struct error *err)
{
	struct record_list l = { 0 };
	int rc = mail_inbox(h, NULL, false, &l, err);

	if (rc == 0)
		one(out, "inbox_pending", "gauge",
		    "Messages that nobody has read or taken.", (long long)l.count);
	record_list_release(&l);
	return rc;
}

/* As the last cycle found it. */
static void add_sizes(const struct home *h, struct buf *out)
{
	json_t *cycles = cycles_to_json(h);
	size_t count = json_array_size(cycles);
	const json_t *last = count > 0 ? json_array_get(cycles, count - 1) : NULL;

	if (last != NULL) {
		one(out, "repository_bytes", "gauge", "Objects of the repository.",
		    json_integer_value(json_object_get(last, "repository")));
		one(out, "log_bytes", "gauge", "The event log, all its parts.",
		    json_integer_value(json_object_get(last, "log")));
	}
	json_decref(cycles);
}

static void add_web(struct buf *out, const struct web *w)
{
	struct rusage used;

	head(out, "http_requests_total", "counter", "Answers, by the kind of status.");
	for (int i = 2; i < 6; i++)
		buf_printf(out, "trine_http_requests_total{code=\"%dxx\"} %llu\n", i,
			   (unsigned long long)w->counts.requests[i]);
	one(out, "http_connections", "gauge", "Connections now.", (long long)w->conns);
	one(out, "http_streams", "gauge", "Streams of events now.",
	    (long long)w->streams);
	one(out, "http_refused_total", "counter",
	    "Connections that there was no room for.",
	    (long long)w->counts.refused);
	one(out, "http_cut_total", "counter", "Connections that took too long.",
	    (long long)w->counts.cut);
	one(out, "start_time_seconds", "gauge", "When the web part began.", w->started);
	getrusage(RUSAGE_SELF, &used);
	head(out, "cpu_seconds_total", "counter", "CPU that the web part used.");
	buf_printf(out, "trine_cpu_seconds_total %.3f\n",
		   (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		   (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

int metrics_write(struct web *w, struct buf *out, struct error *err)
{
	struct record_list open = { 0 };
	struct overview o;
	int rc = overview_gather(w->d->home, &o, err);

	if (rc == 0)
		rc = view_open_tasks(w->d->home->store, &open, err);
	if (rc == 0) {
		head(out, "build_info", "gauge", "Which version this is.");
		buf_printf(out, "trine_build_info{version=\"%s\"} 1\n", TRINE_VERSION);
		add_cycle(out, &o);
		add_tasks(out, &open);
		add_instances(out, &o);
		add_sizes(w->d->home, out);
		add_web(out, w);
		rc = add_inbox(w->d->home, out, err);
	}
	if (rc == 0)
		rc = add_watched(w->d->home, out, err);
	record_list_release(&open);
	overview_release(&o);
	return rc;
}
