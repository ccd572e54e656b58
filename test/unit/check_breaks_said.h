/* Ways to break a good history: what was said, and does not come as it was. A part of
 * check_breaks.h, whose good history they break. */
#ifndef TRINE_CHECK_BREAKS_SAID_H
#define TRINE_CHECK_BREAKS_SAID_H

static void said(struct fleet *f, const char *token, enum said_how how,
		 int from, int to)
{
	check_said(f->c, &(struct said){ .token = token, .how = how,
					 .from = from, .to = to });
}
static void not_received(struct fleet *f)
{
	a_second_message(f);
	publish(f);
	said(f, "k2.", SAID_SENT, 1, 2);
}
/* Another one, whose disk is lost, may miss it. */
static void not_received_by_one_of_all(struct fleet *f)
{
	hears(f, 1, "message.sent", "1_TO_ALL.1", "11111111", "All of k3.");
	say(f, 1, "ALL", 1, "All of k3.");
	push(f, 1);
	publish(f);
	check_said(f->c, &(struct said){ .token = "k3.", .how = SAID_SENT,
					 .from = 1, .missed_by = 1U << 3 });
}
/* Nobody is computer 9, and its stream is written by hand. */
static void not_received_of_who_has_no_trine(struct fleet *f)
{
	put(f, "messages/9_TO_3.md", "Do k4. now\n");
	push_by_a_person(f);
	publish(f);
	said(f, "k4.", SAID_BY_HAND, 9, 3);
}
static void not_sent(struct fleet *f)
{
	said(f, "k6.", SAID_SENT, 1, 0);
}
static void sent_twice(struct fleet *f)
{
	hears(f, 1, "message.sent", "1_TO_2.2", "11111111", "Do k1. now");
}
static void not_confirmed(struct fleet *f)
{
	a_second_message(f);
	hears(f, 2, "message.received", "1_TO_2.2", "11111111", "And k2.");
	publish(f);
	said(f, "k2.", SAID_SENT, 1, 2);
}
static void confirmed_to_nobody(struct fleet *f)
{
	a_second_message(f);
	two_takes_the_second(f);
	publish(f);
	said(f, "k2.", SAID_SENT, 1, 2);
}
static void not_kept(struct fleet *f)
{
	said(f, "k7.", SAID_KEPT, 2, 0);
}
static void taken_back_and_there(struct fleet *f)
{
	said(f, "k1.", SAID_BACK, 1, 2);
}
static void an_edit_that_arrives(struct fleet *f)
{
	said(f, "k1.", SAID_KEPT, 1, 0);
}
static void an_edit_of_another_that_arrives(struct fleet *f)
{
	char *id;

	said(f, "k4.", SAID_KEPT, 0, 0);
	put(f, "messages/HUMAN_TO_3.md", "k4.\n");
	push_by_a_person(f);
	publish(f);
	id = ck_print("HUMAN_TO_3.~%.10s.1", git_oid_tostr_s(&f->tip));
	hears(f, 3, "message.received", id, "", "k4.");
	free(id);
}
static void said_by_another(struct fleet *f)
{
	said(f, "k1.", SAID_BY_HAND, 3, 2);
}
static void said_to_another(struct fleet *f)
{
	check_said(f->c, &(struct said){ .token = "k1.", .how = SAID_SENT,
					 .from = 1, .to = 3, .maybe = true });
}

static void said_in_words(struct fleet *f, const struct said *words)
{
	struct said said = *words;

	said.token = "k2.";
	said.how = SAID_SENT;
	said.from = 1;
	said.to = 2;
	check_said(f->c, &said);
	a_second_message(f);
}
static void sent_without_its_end(struct fleet *f)
{
	said_in_words(f, &(struct said){ .body = "And k2.\nand its end\n" });
}
static void sent_with_another_title(struct fleet *f)
{
	said_in_words(f, &(struct said){ .body = "And k2.\n", .title = "Title" });
}
static void sent_as_urgent(struct fleet *f)
{
	said_in_words(f, &(struct said){ .body = "And k2.\n", .type = "task",
					 .priority = "high" });
}
static void typed_otherwise(struct fleet *f)
{
	said_in_words(f, &(struct said){ .body = "And not k2.", .typed = true });
}
static void typed_by_nobody(struct fleet *f)
{
	check_said(f->c, &(struct said){ .token = "k2.", .how = SAID_SENT, .from = 1,
					 .to = 2, .body = "And k2.", .typed = true });
	hears(f, 1, "message.sent", "1_TO_2.2", "11111111", "And k2.\\n\\nand so on");
}

/* Somebody wrote it where all write, and a cycle puts its own text there. */
static void taken_out_unseen(struct fleet *f)
{
	said(f, "k4.", SAID_KEPT, 0, 0);
	add(f, "shared/notes.md", "k4.\n");
	push_by_a_person(f);
	assert_null(check_step(f->c));
	put(f, "shared/notes.md", "Notes, and more\n");
	push(f, 1);
}

#endif
