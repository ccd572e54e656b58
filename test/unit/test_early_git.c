/* What came before git brought it, or under another number, when git brings it: one
 * cycle after the other, of computers that know of each other by the branch alone. */
#include "fleet_fixture.h"

#include "trine/early.h"
#include "trine/store_early.h"

enum { LARGE = 12 * 1000 };	/* a segment is full of it */

static struct home *home(int number)
{
	return w.machine[number - 1].home;
}

static void sync_by(int number)
{
	clock_.offset += 60;
	sync_one(number - 1);
}

/* Two computers that have seen a push of each other. */
static void meet(void)
{
	OK(repo_start(&err));
	chance_seeded(&chance, 1);
	make_hub();
	for (int n = 0; n < 2; n++)
		make_machine(n, "init", "-");
	for (int i = 0; i < 2; i++) {
		sync_by(1);
		sync_by(2);
	}
}

static void part(void)
{
	end_fleet();
	repo_stop();
}

static void send(int to, const char *title, size_t length)
{
	char number[8], id[MESSAGE_ID], *body = xcalloc(1, length + 2);
	struct outgoing o = { .to = number, .title = title };

	snprintf(number, sizeof(number), "%d", to);
	memset(body, 'x', length);
	body[length] = '\n';
	o.body = span_str(body);
	OK(mail_send(home(3 - to), &o, id, &err));
	free(body);
}

/* The text of ID once more, with the number SEQ, as one that a reader rejected. */
static void send_anew(const char *id, uint64_t seq)
{
	struct home *h = home(2);
	struct record r;

	OK(store_begin(h->store, &err));
	OK(mail_find(h, id, &r, &err));
	message_add_extra(&r.message, "origin", id);
	r.message.seq = seq;
	OK(record_sent(h->store, &r.message, false, &err));
	OK(store_commit(h->store, &err));
	record_release(&r);
}

/* All that 2 has for 1 comes early. */
static void come_early(void)
{
	struct early_letter l = EARLY_LETTER_INIT;
	struct list frames = LIST_INIT;
	enum early_fate fate;
	char why[EARLY_WHY];
	uint64_t upto;

	OK(early_offer(home(2), (struct stream_name){ 2, 1 }, 0, 9, &frames, &upto,
		       &err));
	for (size_t i = 0; i < frames.count; i++) {
		OK(early_read(span_str(frames.item[i]), &l, &err));
		OK(early_take(home(1), 2, &l, &fate, why, &err));
		early_letter_release(&l);
	}
	list_release(&frames);
}

/* As a disk does that comes back from a backup. */
static void forget(const char *id)
{
	struct home *h = home(2);

	OK(store_begin(h->store, &err));
	OK(record_retracted(h->store, id, &err));
	OK(store_commit(h->store, &err));
}

/* Of all that is here: ids, with a mark where git is waited for. */
static const char *had(int number)
{
	static char out[256];
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;
	size_t at = 0;

	out[0] = '\0';
	OK(view_records(home(number)->store, &f, &l, &err));
	for (size_t i = 0; i < l.count; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s ", l.item[i].id,
				       l.item[i].early != 0 && l.item[i].brought == 0
				       ? "?" : "");
	record_list_release(&l);
	return out;
}

static void assert_trouble(size_t missing, size_t rejected)
{
	struct status status = STATUS_INIT;

	OK(view_troubles(home(1)->store, &status, &err));
	assert_int_equal(status.missing_count, missing);
	assert_int_equal(status.rejected_count, rejected);
	status_release(&status);
}

static void what_was_taken_back_stays_so(void **state)
{
	struct record r;

	(void)state;
	meet();
	send(1, "Wrong", 9);
	come_early();
	OK(mail_retract(home(2), "2_TO_1.1", &err));
	assert_string_equal(had(1), "2_TO_1.1? ");
	sync_by(2);
	sync_by(1);
	assert_string_equal(had(1), "2_TO_1.1 ");
	/* the word of it is read again with what comes next */
	send(1, "Right", 9);
	sync_by(2);
	sync_by(1);
	assert_trouble(0, 0);
	sync_by(2);
	sync_by(1);
	assert_string_equal(had(1), "2_TO_1.1 2_TO_1.2 ");
	OK(mail_find(home(1), "2_TO_1.1", &r, &err));
	assert_string_equal(r.message.title, "Wrong");
	assert_string_equal(r.note, "taken back by its sender");
	record_release(&r);
	part();
}

static void a_gap_may_hold_what_is_here(void **state)
{
	(void)state;
	meet();
	send(1, "Once", 9);
	sync_by(2);
	sync_by(1);
	send_anew("2_TO_1.1", 2);
	for (int i = 0; i < 3; i++)
		send(1, "Large", LARGE);
	sync_by(2);
	sync_by(1);
	assert_string_equal(had(1), "2_TO_1.1 2_TO_1.3 2_TO_1.4 2_TO_1.5 ");
	assert_trouble(0, 0);
	part();
}

/* Its writer knows nothing of what came early, and that waits on. */
static void a_forgotten_text_has_another_beside_it(void **state)
{
	(void)state;
	meet();
	send(1, "Forgotten", 9);
	come_early();
	forget("2_TO_1.1");
	send(1, "Another", 9);
	sync_by(2);
	sync_by(1);
	assert_string_equal(had(1), "2_TO_1.1? 2_TO_1.1~20000000 ");
	send(1, "One more", 9);
	sync_by(2);
	sync_by(1);
	assert_string_equal(had(1), "2_TO_1.1? 2_TO_1.1~20000000 2_TO_1.2 ");
	assert_trouble(0, 0);
	part();
}

/* The third text under a number: there is no name for it, and it is sent anew. */
static void a_third_text_gets_a_number_of_its_own(void **state)
{
	struct home *h;
	struct record r;

	(void)state;
	meet();
	send(1, "First", 9);
	come_early();
	forget("2_TO_1.1");
	send(1, "Second", 9);
	h = home(1);
	OK(mail_find(home(2), "2_TO_1.1", &r, &err));
	OK(store_begin(h->store, &err));
	OK(record_received(h->store, "2_TO_1.1~20000000", &r.message, r.clone, "c", "",
			   "", &err));
	OK(store_commit(h->store, &err));
	record_release(&r);
	forget("2_TO_1.1");
	send(1, "Third", 9);
	sync_by(2);
	sync_by(1);
	assert_trouble(0, 1);
	sync_by(2);
	sync_by(1);
	assert_string_equal(had(1), "2_TO_1.1? 2_TO_1.1~20000000 2_TO_1.2 ");
	assert_trouble(0, 0);
	part();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_taken_back_stays_so),
		cmocka_unit_test(a_gap_may_hold_what_is_here),
		cmocka_unit_test(a_forgotten_text_has_another_beside_it),
		cmocka_unit_test(a_third_text_gets_a_number_of_its_own),
	};

	/* No git here: packing is not what this is about, and takes longer. */
	setenv("PATH", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
