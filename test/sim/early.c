/*
 * Messages that come before git brings them (sim.h): what the daemons carry in real
 * time, and lose, carry late, again, in another order, to disks that came back
 * meanwhile, and to both of two machines with one number. Who carries them may lie, too.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "trine/early.h"
#include "trine/mem.h"

enum { POST_MOST = 60 };	/* under way: what is older is lost */

/* --- what arrives --- */

static bool is_for(const struct machine *m, const struct post *p)
{
	return m->alive && m->home != NULL && m->number != p->from &&
	       (p->to == END_ALL || p->to == m->number);
}

static void take(struct world *w, struct machine *m, const struct post *p)
{
	static const char *const fates[] = { "taken", "known", "waits" };
	struct early_letter l = EARLY_LETTER_INIT;
	struct error err = ERROR_INIT;
	enum early_fate fate;
	char why[EARLY_WHY], id[MESSAGE_ID];

	if (early_read(span_str(p->frame), &l, &err) == -1) {
		broken(w, "a frame of computer %d: %s", p->from, err.text);
		return;
	}
	message_id_format(l.message.stream, l.message.seq, id);
	if (early_take(m->home, p->from, &l, &fate, why, &err) == -1)
		broken(w, "%s, early on computer %d: %s", id, m->number, err.text);
	else
		tell(w, "  early on %d: %s, %s%s%s", m->number, id, fates[fate],
		     *why ? ": " : "", why);
	early_letter_release(&l);
}

static void arrive(struct world *w, const struct post *p)
{
	for (int i = 0; i < w->machines && w->broken == NULL; i++)
		if (is_for(&w->machine[i], p))
			take(w, &w->machine[i], p);
}

/* --- under way --- */

static void drop(struct world *w, size_t i)
{
	free(w->post[i].frame);
	w->post[i] = w->post[--w->post_count];
}

void early_drop_all(struct world *w)
{
	while (w->post_count > 0)
		drop(w, 0);
	free(w->post);
}

static void keep(struct world *w, const struct post *p)
{
	if (w->post_count >= POST_MOST)
		drop(w, (size_t)any_below(w, POST_MOST));
	ARRAY_GROW(w->post, w->post_count, w->post_cap);
	w->post[w->post_count] = *p;
	w->post[w->post_count++].frame = xstrdup(p->frame);
}

/* Late, or once more. */
static void some_arrive(struct world *w)
{
	for (int n = 1 + any_below(w, 4); n > 0 && w->post_count > 0; n--) {
		size_t i = (size_t)any_below(w, (int)w->post_count);

		tell(w, "a frame of computer %d is late", w->post[i].from);
		arrive(w, &w->post[i]);
		if (!one_in(w, 4))
			drop(w, i);
	}
}

/* --- what goes out --- */

static void carry(struct world *w, struct post *p)
{
	int how = any_below(w, 6);

	if (how == 0) {
		tell(w, "  it is lost");
		return;
	}
	if (how <= 2)
		keep(w, p);
	if (how >= 2)
		arrive(w, p);
}

static uint64_t last_of(struct world *w, struct machine *m, int to)
{
	struct out_stream *l = NULL;
	struct error err = ERROR_INIT;
	size_t count = 0;
	uint64_t last = 0;

	if (view_out_streams(m->home->store, &l, &count, &err) == -1)
		broken(w, "streams of computer %d: %s", m->number, err.text);
	for (size_t i = 0; i < count; i++)
		if (l[i].name.to == to)
			last = l[i].last;
	out_streams_free(l, count);
	return last;
}

/* The last BACK of those to TO. */
static void offer(struct world *w, struct machine *m, int to, uint64_t back)
{
	struct post p = { .from = m->number, .to = to };
	struct list frames = LIST_INIT;
	struct error err = ERROR_INIT;
	uint64_t last = last_of(w, m, to), upto;

	if (early_offer(m->home, (struct stream_name){ m->number, to },
			last > back ? last - back : 0, back, &frames, &upto,
			&err) == -1)
		broken(w, "computer %d does not offer: %s", m->number, err.text);
	for (size_t i = 0; i < frames.count && w->broken == NULL; i++) {
		p.frame = frames.item[i];
		tell(w, "on %d: offer %.24s", m->number, p.frame);
		carry(w, &p);
	}
	list_release(&frames);
}

static int any_end(struct world *w, const struct machine *m)
{
	return one_in(w, 4) ? END_ALL : another_number(w, m->number);
}

static void offer_some(struct world *w)
{
	struct machine *m = any_machine(w);
	int to = any_end(w, m);

	if (m->home != NULL && to != 0)
		offer(w, m, to, 1 + (uint64_t)any_below(w, 5));
}

/* At once, as a daemon does; and at times its sender thinks better of it. */
static void send_early(struct world *w)
{
	struct machine *m = any_machine(w);
	struct error err = ERROR_INIT;
	int to = any_end(w, m);
	struct token *t;

	if (m->home == NULL || to == 0)
		return;
	send_to(w, m, to == END_ALL ? 0 : to);
	if (w->broken != NULL)
		return;
	t = &w->token[w->token_count - 1];
	offer(w, m, to, 1);
	if (!one_in(w, 5) || mail_retract(m->home, t->id, &err) == -1)
		return;
	tell(w, "on %d: retract %s, %s", m->number, t->id, t->text);
	t->how = SAID_BACK;
	t->back_at = w->token_count;
	say_again(w, t);
	if (one_in(w, 2))
		offer(w, m, to, 1);
}

/* Who carries it says that another computer wrote it, or another text. */
static void lie(struct world *w)
{
	struct machine *m = any_machine(w);
	struct early_letter l = EARLY_LETTER_INIT;
	struct error err = ERROR_INIT;
	enum early_fate fate;
	char why[EARLY_WHY], *text;
	struct post *p;

	if (w->post_count == 0 || m->home == NULL)
		return;
	p = &w->post[any_below(w, (int)w->post_count)];
	tell(w, "a frame of computer %d is forged", p->from);
	if (early_read(span_str(p->frame), &l, &err) == 0 &&
	    early_take(m->home, p->from % NUMBERS + 1, &l, &fate, why, &err) == 0)
		broken(w, "computer %d takes a frame of %d from %d", m->number,
		       p->from, p->from % NUMBERS + 1);
	early_letter_release(&l);
	text = strstr(p->frame, "\"content\":\"");
	if (text != NULL)
		text[strlen("\"content\":\"")] ^= 1;
	if (text != NULL && early_read(span_str(p->frame), &l, &err) == 0)
		broken(w, "another text passes for the one of a frame");
	early_letter_release(&l);
	drop(w, (size_t)(p - w->post));
}

/* --- in the middle of a cycle --- */

static void arrive_in_it(struct world *w, struct machine *m)
{
	for (size_t i = 0; i < w->post_count && w->broken == NULL; i++)
		if (is_for(m, &w->post[i]))
			take(w, m, &w->post[i]);
}

static void sync_with_post(struct world *w)
{
	struct machine *m = any_machine(w);

	tell(w, "sync %d, and what is late arrives in it", m->number);
	run_cycle(w, m, &(struct cycle_plan){ .meanwhile = arrive_in_it,
					      .at = one_in(w, 2) ? "push" : NULL });
}

const struct act_kind early_acts[] = {
	{ "send-early", 20, send_early },
	{ "offer", 12, offer_some },
	{ "late-early", 10, some_arrive },
	{ "forge-early", 1, lie },
	{ "sync-early", 6, sync_with_post },
	{ NULL, 0, NULL }
};
