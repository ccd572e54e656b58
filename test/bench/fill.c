/* A log with many tasks that are done: fill DIR COUNT adds them to the computer in DIR,
 * two events each. For claims.sh. */
#include <stdio.h>
#include <stdlib.h>

#include "trine/home.h"
#include "trine/mem.h"
#include "trine/store_task.h"
#include "trine/text.h"

enum { AT_ONCE = 10000 };

static int add(struct home *h, uint64_t number, struct error *err)
{
	struct message m = MESSAGE_INIT;
	char id[MESSAGE_ID];
	int rc;

	m.stream = (struct stream_name){ h->number, h->number };
	m.seq = number;
	m.type = TYPE_TASK;
	m.sent = h->clock->now(h->clock);
	m.title = xasprintf("An old task, number %llu",
			    (unsigned long long)number);
	m.body = xstrdup("");
	message_id_format(m.stream, number, id);
	rc = record_added(h->store, id, &m, 0, err);
	if (rc == 0)
		rc = record_ended(h->store, id, "COMPLETED", "", NULL, err);
	message_release(&m);
	return rc;
}

static int fill(struct home *h, uint64_t count, struct error *err)
{
	for (uint64_t done = 0; done < count;) {
		if (store_begin(h->store, err) == -1)
			return -1;
		for (unsigned i = 0; i < AT_ONCE && done < count; i++)
			if (add(h, ++done, err) == -1)
				return -1;
		if (store_commit(h->store, err) == -1)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct clock clock;
	struct home *h;
	uint64_t count;

	clock_system(&clock);
	if (argc != 3 || !text_number(span_str(argv[2]), &count))
		return 64;
	if (home_open(&h, argv[1], &clock, &err) == -1 ||
	    fill(h, count, &err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	home_close(h);
	return 0;
}
