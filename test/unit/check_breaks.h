/* A good history of a small fleet, and the ways to break it, each with the words
 * that the checker must find for it. */
#ifndef TRINE_CHECK_BREAKS_H
#define TRINE_CHECK_BREAKS_H

#include "check_fixture.h"

/* ---- a good history ---- */

static void a_good_start(struct fleet *f)
{
	hears(f, 1, "message.sent", "1_TO_2.1", "11111111", "Do k1. now");
	say(f, 1, "2", 1, "Do k1. now");
	put(f, "fleet.yaml",
	    "owners:\n  - {path: \"shared/back/**\", owner: 1}\n");
	put(f, "shared/notes.md", "Notes\n");
	push(f, 1);
	hears(f, 2, "message.received", "1_TO_2.1", "11111111", "Do k1. now");
	strcpy(f->computers[2].receipts, "1_TO_2: 1");
	push(f, 2);
	event(f, 1, "\"type\":\"computer.seen\",\"computer\":2,"
	      "\"received\":{\"1_TO_2\":1}");
	push(f, 3);
	publish(f);
	check_said(f->c, &(struct said){ .token = "k1.", .how = SAID_SENT,
					 .from = 1, .to = 2 });
}

static void a_second_message(struct fleet *f)
{
	hears(f, 1, "message.sent", "1_TO_2.2", "11111111", "And k2.");
	say(f, 1, "2", 2, "And k2.");
	push(f, 1);
}

static void two_takes_the_second(struct fleet *f)
{
	hears(f, 2, "message.received", "1_TO_2.2", "11111111", "And k2.");
	strcpy(f->computers[2].receipts, "1_TO_2: 2");
	push(f, 2);
}

/* ---- what breaks it ---- */

static void bad_crc(struct fleet *f)
{
	FILE *file = open_log(f, 1, "a");

	fprintf(file, "{\"seq\":%ld,\"time\":\"2026-11-20T13:10:00Z\",\"type\":"
		"\"x\",\"actor\":\"trine\",\"crc\":\"00000000\"}\n",
		++f->computers[1].seq);
	fclose(file);
}
static void no_json(struct fleet *f)
{
	write_line(f, 2, "{\"seq\":x");
}
static void a_gap_in_the_log(struct fleet *f)
{
	f->computers[3].seq++;
	event(f, 3, "\"type\":\"x\"");
}
static void a_bad_time(struct fleet *f)
{
	char *line = ck_print("{\"seq\":%ld,\"time\":\"2026-13-20T13:10:00Z\","
			      "\"type\":\"x\",\"actor\":\"trine\"",
			      f->computers[1].seq + 1);

	write_line(f, 1, line);
	free(line);
}
static void log_cut(struct fleet *f)
{
	fclose(open_log(f, 2, "w"));
}
static void log_changed_at_its_end(struct fleet *f)
{
	FILE *file = open_log(f, 2, "r+");

	fseek(file, -6, SEEK_END);
	fputc('z', file);
	fclose(file);
}
static void log_changed_above(struct fleet *f)
{
	FILE *file = open_log(f, 2, "r+");

	fseek(file, 40, SEEK_SET);
	fputc('z', file);
	fclose(file);
}
static void log_gone(struct fleet *f)
{
	char *path = ck_print("%s/3/.trine/event-log.jsonl", f->dir);

	remove(path);
	free(path);
}

static void received_again(struct fleet *f)
{
	hears(f, 2, "message.received", "1_TO_2.1", "11111111", "Do k1. now");
}
static void received_under_two_ids(struct fleet *f)
{
	hears(f, 2, "message.received", "1_TO_2.2", "11111111", "Do k1. now");
}
/* It waited on a desk that came back. */
static void received_with(struct fleet *f, const char *text)
{
	check_said(f->c, &(struct said){ .token = "k1.", .how = SAID_SENT,
					 .from = 1, .to = 2, .ends_anew = true });
	hears(f, 2, "message.received", "1_TO_2.2", "11111111", text);
}
static void received_with_the_same_end(struct fleet *f)
{
	received_with(f, "Do k1. now");
}
static void received_with_more(struct fleet *f)
{
	received_with(f, "Do k1. now\\nor then");
}
static void received_from_a_person(struct fleet *f)
{
	say(f, 1, "3", 1, "Forged k9.");
	push_by_a_person(f);
	hears(f, 3, "message.received", "1_TO_3.1", "11111111", "Forged k9.");
}
static void received_in_other_words(struct fleet *f)
{
	a_second_message(f);
	hears(f, 2, "message.received", "1_TO_2.2", "11111111", "And k3.");
}
static void received_of_another_clone(struct fleet *f)
{
	a_second_message(f);
	hears(f, 2, "message.received", "1_TO_2.2", "99999999", "And k2.");
}

static void not_logged(struct fleet *f)
{
	git_oid oid;

	write_status(f, 1);
	oid = trine_object(f, 1, NULL);
	move_branch(f, &oid);
}
static void seen_where_it_never_was(struct fleet *f)
{
	event(f, 1, "\"type\":\"commit.seen\",\"commit\":"
	      "\"1234567890123456789012345678901234567890\"");
}

static void another_text(struct fleet *f)
{
	a_second_message(f);
	replace(f, "messages/1_TO_2.md", "And k2.", "And not k2.");
	push(f, 1);
}
static void new_clone(struct fleet *f, int n, const char *clone,
		      const char *former)
{
	strcpy(f->computers[n].clone, clone);
	f->computers[n].former = former;
	event(f, n, "\"type\":\"computer.set\",\"number\":%d,\"clone\":\"%s\"",
	      n, clone);
}
static void another_text_of_a_new_clone(struct fleet *f)
{
	a_second_message(f);
	new_clone(f, 1, "1111111b", "former: [11111111]\n");
	replace(f, "messages/1_TO_2.md", "And k2.", "And not k2.");
	push(f, 1);
}
static void message_gone(struct fleet *f)
{
	drop(f, "messages/1_TO_2.md");
	push(f, 1);
}
/* The branch goes back, and the same clone does not bring its message again. */
static void not_brought_back(struct fleet *f)
{
	git_oid before = f->tip;

	a_second_message(f);
	assert_null(check_step(f->c));
	move_branch(f, &before);
	check_rewound(f->c);
	drop(f, "messages/1_TO_2.md");
	say(f, 1, "2", 1, "Do k1. now");
	push(f, 1);
}
static void own_file_changed_by_a_person(struct fleet *f)
{
	add(f, "COMPUTER_1.md", "A person was here\n");
	push_by_a_person(f);
	publish(f);
}
static void loose_text(struct fleet *f)
{
	add(f, "messages/1_TO_2.md", "\nStill being written\n");
	push(f, 1);
}
static void loose_heading(struct fleet *f)
{
	add(f, "messages/1_TO_2.md", "\n## Still being written\n\nwords\n");
	push(f, 1);
}

static void receipt_fell(struct fleet *f)
{
	strcpy(f->computers[2].receipts, "");
	push(f, 2);
}
static void receipt_without_record(struct fleet *f)
{
	a_second_message(f);
	strcpy(f->computers[2].receipts, "1_TO_2: 2");
	push(f, 2);
}
static void receipt_before_record(struct fleet *f)
{
	receipt_without_record(f);
	hears(f, 2, "message.received", "1_TO_2.2", "11111111", "And k2.");
}
static void receipt_of_a_hand(struct fleet *f)
{
	put(f, "messages/HUMAN_TO_3.md", "- [ ] Do k4.\n");
	push_by_a_person(f);
	snprintf(f->computers[3].receipts, sizeof(f->computers[3].receipts),
		 "HUMAN_TO_3: %.10s", git_oid_tostr_s(&f->tip));
	push(f, 3);
}

static void has_read(struct fleet *f, const git_oid *commit)
{
	event(f, 3, "\"type\":\"hand.read\",\"stream\":\"HUMAN_TO_3\","
	      "\"commit\":\"%s\"", git_oid_tostr_s(commit));
	snprintf(f->computers[3].receipts, sizeof(f->computers[3].receipts),
		 "HUMAN_TO_3: %.10s", git_oid_tostr_s(commit));
	push(f, 3);
}
static void receipt_of_a_hand_fell(struct fleet *f)
{
	git_oid first, second;

	put(f, "messages/HUMAN_TO_3.md", "One\n");
	push_by_a_person(f);
	first = f->tip;
	add(f, "messages/HUMAN_TO_3.md", "Two\n");
	push_by_a_person(f);
	second = f->tip;
	has_read(f, &second);
	has_read(f, &first);
}
static void rejected_unsaid(struct fleet *f)
{
	event(f, 2, "\"type\":\"message.rejected\",\"stream\":\"1_TO_2\","
	      "\"number\":2,\"id\":\"1_TO_2.2\",\"why\":\"no end marker\"");
	f->computers[2].state = "WORKING";
	push(f, 2);
}
static void missing_though_it_came(struct fleet *f)
{
	strcpy(f->computers[2].receipts, "1_TO_2: 1}\nmissing: {1_TO_2: [1]");
	push(f, 2);
}

static void by_hand_from_elsewhere(struct fleet *f)
{
	char *id = ck_print("HUMAN_TO_2.~%.10s.1", git_oid_tostr_s(&f->tip));

	hears(f, 2, "message.received", id, "", "From nowhere");
	free(id);
}
static void by_hand_where_trine_writes(struct fleet *f)
{
	char *id;

	add(f, "messages/1_TO_2.md", "Typed by a person\n");
	push_by_a_person(f);
	id = ck_print("1_TO_2.~%.10s.1", git_oid_tostr_s(&f->tip));
	hears(f, 2, "message.received", id, "", "Typed by a person");
	free(id);
}

/* A line by hand that computer 3 receives from the commit on the tip. */
static void received_by_hand(struct fleet *f)
{
	char *id = ck_print("HUMAN_TO_3.~%.10s.1", git_oid_tostr_s(&f->tip));

	hears(f, 3, "message.received", id, "", "Do k4. now");
	free(id);
}
static void written_and_removed(struct fleet *f)
{
	check_said(f->c, &(struct said){ .token = "k4.", .how = SAID_BY_HAND,
					 .to = 3 });
	put(f, "messages/HUMAN_TO_3.md", "Do k4. now\n");
	push_by_a_person(f);
	received_by_hand(f);
	assert_null(check_step(f->c));
	drop(f, "messages/HUMAN_TO_3.md");
	push_by_a_person(f);
	put(f, "messages/HUMAN_TO_3.md", "Do k4. now\n");
}
static void written_again_by_a_cycle(struct fleet *f)
{
	written_and_removed(f);
	add(f, "messages/HUMAN_TO_3.md", "More\n");
	push(f, 1);
	received_by_hand(f);
}
static void written_again_by_a_pick(struct fleet *f)
{
	written_and_removed(f);
	f->now -= 120;		/* as it was written first */
	push_by_a_person(f);
	f->now += 120;
	received_by_hand(f);
}
static void read_again_where_nothing_is_new(struct fleet *f)
{
	written_and_removed(f);
	push_by_a_person(f);
	received_by_hand(f);
	add(f, "messages/HUMAN_TO_3.md", "More\n");
	push_by_a_person(f);
	received_by_hand(f);
}

static void bad_fleet_yaml(struct fleet *f)
{
	put(f, "fleet.yaml", "owners: [\n");
	push(f, 1);
}
static void anchored_fleet_yaml(struct fleet *f)
{
	put(f, "fleet.yaml", "owners: &all []\n");
	push(f, 1);
}

static void copy_for_another(struct fleet *f)
{
	put(f, "conflicts/2/20261126T112958Z-COMPUTER_1.md-4312a34e.md", "x\n");
	push(f, 1);
}
static void copy_without_a_name(struct fleet *f)
{
	put(f, "conflicts/1/COMPUTER_1.md", "x\n");
	push(f, 1);
}
static void a_copy(struct fleet *f)
{
	put(f, "conflicts/1/20261126T112958Z-COMPUTER_1.md-4312a34e.md", "x\n");
	push(f, 1);
}
static void a_copy_as_it_was(struct fleet *f)
{
	static const char path[] =
		"conflicts/1/20261126T112958Z-COMPUTER_1.md-4312a34e.md";

	a_copy(f);
	put(f, path, "Read\n");
	push_by_a_person(f);
	put(f, path, "x\n");
	push(f, 1);
}
static void deleted_and_put_again(struct fleet *f)
{
	drop(f, "shared/notes.md");
	push_by_a_person(f);
	put(f, "shared/notes.md", "Notes\n");
	push(f, 1);
}
static void a_deletion_undone(struct fleet *f)
{
	check_wish(f->c, 1, "shared/notes.md", NULL);
}
static void an_edit_undone(struct fleet *f)
{
	check_wish(f->c, 1, "shared/notes.md", "Notes, and more\n");
}
static void a_line_left(struct fleet *f)
{
	check_wish_without(f->c, 1, "shared/notes.md", "\n", "Notes");
}
static void a_line_put_back(struct fleet *f)
{
	put(f, "messages/HUMAN_TO_3.md", "One\nDo k4.\n");
	push_by_a_person(f);
	put(f, "messages/HUMAN_TO_3.md", "One\n");
	push_by_a_person(f);
	put(f, "messages/HUMAN_TO_3.md", "One\nDo k4.\nTwo\n");
	push(f, 1);
}

static void copied_twice(struct fleet *f)
{
	a_copy(f);
	put(f, "conflicts/1/20261126T113000Z-COMPUTER_1.md-4312a34e.md", "x\n");
	push(f, 1);
}
static void copied_often(struct fleet *f)
{
	for (int i = 0; i < 21; i++) {
		char *path = ck_print("conflicts/1/20261126T112958Z-"
				      "COMPUTER_1.md-4312a3%02x.md", i);

		put(f, path, "x\n");
		free(path);
	}
	push(f, 1);
}

static void former_forgotten(struct fleet *f)
{
	new_clone(f, 2, "2222222b", "");
	push(f, 2);
}
static void old_clone_again(struct fleet *f)
{
	new_clone(f, 2, "2222222b", "former: [22222222]\n");
	push(f, 2);
	assert_null(check_step(f->c));
	new_clone(f, 2, "22222222", "former: [2222222b]\n");
	push(f, 2);
}
static void number_used_again(struct fleet *f)
{
	char *status = strdup(*text_of(f, "COMPUTER_1.md"));
	git_oid before = f->tip;

	a_second_message(f);
	two_takes_the_second(f);
	assert_null(check_step(f->c));
	move_branch(f, &before);		/* the message is lost … */
	check_rewound(f->c);
	drop(f, "messages/1_TO_2.md");
	say(f, 1, "2", 1, "Do k1. now");
	put(f, "COMPUTER_1.md", status);
	free(status);
	push(f, 2);			/* … and its receipt is not */
	new_clone(f, 1, "1111111b", "former: [11111111]\n");
	say(f, 1, "2", 2, "Another k5.");
	push(f, 1);
}
static void gap_in_numbers(struct fleet *f)
{
	say(f, 1, "2", 3, "Far ahead");
	push(f, 1);
}
static void numbers_out_of_order(struct fleet *f)
{
	drop(f, "messages/1_TO_2.md");
	say(f, 1, "2", 2, "And k2.");
	say(f, 1, "2", 1, "Do k1. now");
	push(f, 1);
}

static void status_of_another(struct fleet *f)
{
	add(f, "COMPUTER_2.md", "x\n");
	push(f, 1);
}
static void path_of_another(struct fleet *f)
{
	put(f, "shared/back/end.md", "x\n");
	push(f, 2);
}
static void outside(struct fleet *f)
{
	put(f, "/README.md", "x\n");
	push(f, 1);
}
static void not_for_desks(struct fleet *f)
{
	put(f, "shared/tool.exe", "x\n");
	push(f, 1);
}
static void for_other_tools(struct fleet *f)
{
	put(f, "shared/Claude.md", "x\n");
	push(f, 1);
}
static void executable(struct fleet *f)
{
	f->mode = 0100755;
	push(f, 1);
}

static void gone_back(struct fleet *f)
{
	git_commit *commit;

	must(git_commit_lookup(&commit, f->remote, &f->tip));
	move_branch(f, git_commit_parent_id(commit, 0));
	git_commit_free(commit);
}
/* By somebody, and then by nobody. */
static void gone_back_once_more(struct fleet *f)
{
	push(f, 1);
	push(f, 2);
	assert_null(check_step(f->c));
	gone_back(f);
	check_rewound(f->c);
	gone_back(f);
}
static void branch_deleted(struct fleet *f)
{
	must(git_reference_remove(f->remote, "refs/heads/main"));
}
static void a_merge(struct fleet *f)
{
	git_oid before = f->tip, other, oid;

	push_by_a_person(f);
	other = f->tip;
	f->now += 60;
	f->tip = before;
	push_by_a_person(f);
	f->now += 300;
	write_status(f, 1);
	oid = trine_object(f, 1, &other);
	event(f, 1, "\"type\":\"commit.made\",\"commit\":\"%s\"",
	      git_oid_tostr_s(&oid));
	move_branch(f, &oid);
}

static void no_end(struct fleet *f)
{
	replace(f, "messages/1_TO_2.md", "<!-- /1_TO_2.1 -->", "");
	push(f, 1);
}
static void foreign_id(struct fleet *f)
{
	say_in(f, "messages/1_TO_2.md", "1_TO_3.1", "Astray");
	push(f, 1);
}
static void no_such_priority(struct fleet *f)
{
	say(f, 1, "3", 1, "Words");
	replace(f, "messages/1_TO_3.md", "normal", "soon");
	push(f, 1);
}
static void keys_twice(struct fleet *f)
{
	say(f, 1, "3", 1, "Words");
	replace(f, "messages/1_TO_3.md", "type: task", "type: task\ntype: task");
	push(f, 1);
}
static void no_marker(struct fleet *f)
{
	put(f, "messages/1_TO_3.md", "# Words\n");
	push(f, 1);
}

/* A stream with one segment of more than 10 KiB. */
static void a_segment(struct fleet *f)
{
	char *words = ck_alloc(10300);

	memset(words, 'w', 10299);
	say(f, 1, "3", 1, words);
	push(f, 1);
	move(f, "messages/1_TO_3.md", "archive/1_TO_3/0001.md");
	say(f, 1, "3", 2, "More");
	push(f, 1);
	free(words);
	assert_null(check_step(f->c));
}
static void segment_changed(struct fleet *f)
{
	a_segment(f);
	add(f, "archive/1_TO_3/0001.md", "\n");
	push(f, 1);
}
static void segment_too_soon(struct fleet *f)
{
	move(f, "messages/1_TO_2.md", "archive/1_TO_2/0001.md");
	say(f, 1, "2", 2, "And k2.");
	push(f, 1);
}
static void segment_out_of_turn(struct fleet *f)
{
	a_segment(f);
	move(f, "archive/1_TO_3/0001.md", "archive/1_TO_3/0003.md");
	push(f, 1);
}

static void bad_status(struct fleet *f)
{
	f->computers[1].state = "SYNCING";
	push(f, 1);
}
static void no_status(struct fleet *f)
{
	drop(f, "COMPUTER_1.md");
	push_as_is(f, 1);
}
static void status_of_another_clone(struct fleet *f)
{
	write_status(f, 1);
	strcpy(f->computers[1].clone, "1111111b");
	push_as_is(f, 1);
}
static void a_new_time_alone(struct fleet *f)
{
	push(f, 3);
}

static void another_desk(struct fleet *f)
{
	write_desk(f, 3, "shared/notes.md", "Notes of old\n");
}
static void more_on_a_desk(struct fleet *f)
{
	write_desk(f, 3, "shared/more.md", "More\n");
}
static void less_on_a_desk(struct fleet *f)
{
	char *path = ck_print("%s/3/coordination/shared/notes.md", f->dir);

	remove(path);
	free(path);
}

/* ---- what was said ---- */

#include "check_breaks_said.h"
#include "check_breaks_handed.h"

/* Each is found by check_step, or at the latest by check_rest. */
static const struct {
	void (*breaks)(struct fleet *f);
	const char *words;
} rows[] = {
	{ bad_crc, "log-line: computer 1: line 7 of event-log.jsonl: its crc" },
	{ no_json, "log-line: computer 2: line 6 of event-log.jsonl: it is no" },
	{ a_gap_in_the_log, "log-line: computer 3: line 5 of event-log.jsonl: "
			    "its seq" },
	{ a_bad_time, "its time is none" },
	{ log_cut, "log-kept: computer 2: what was read" },
	{ log_changed_at_its_end, "log-kept: computer 2: what was read" },
	{ log_changed_above, "log-kept: computer 2: event-log.jsonl was "
			     "changed somewhere above seq 5" },
	{ log_gone, "log-kept: computer 3: its event log is gone" },
	{ received_again, "once: computer 2: 1_TO_2.1 is received again" },
	{ received_under_two_ids, "once: computer 2: 1_TO_2.1 and 1_TO_2.2" },
	{ received_with_the_same_end, "once: computer 2: 1_TO_2.1 and 1_TO_2.2" },
	{ received_with_more, "once: computer 2: 1_TO_2.1 and 1_TO_2.2" },
	{ received_from_a_person, "R5: computer 3: 1_TO_3.1 was received" },
	{ received_in_other_words, "its writer vouches for another text" },
	{ received_of_another_clone, "no commit of that clone" },
	{ not_logged, "R2: computer 1" },
	{ seen_where_it_never_was, "R15: computer 1: it has seen its commit "
				   "1234567890" },
	{ another_text, "R7: computer 1: 1_TO_2.2 at " },
	{ another_text_of_a_new_clone, "R11: computer 1: 1_TO_2.2 has another" },
	{ message_gone, "R11: computer 1: 1_TO_2.1 was in its commit" },
	{ not_brought_back, "R11: computer 1: 1_TO_2.2 was in its commit" },
	{ own_file_changed_by_a_person, "R11: computer 1: COMPUTER_1.md on" },
	{ loose_text, "R12: computer 1: the open file of 1_TO_2" },
	{ loose_heading, "R12: computer 1: the open file of 1_TO_2" },
	{ receipt_fell, "R8: computer 2: its receipt of 1_TO_2 fell from 1 to "
			"none" },
	{ receipt_without_record, "receipt: computer 2" },
	{ receipt_before_record, "had not recorded 1_TO_2.2 before it" },
	{ receipt_of_a_hand, "receipt: computer 3" },
	{ receipt_of_a_hand_fell, "R8: computer 3: its receipt of HUMAN_TO_3 fell" },
	{ rejected_unsaid, "R8: computer 2: 1_TO_2.2 never came, or was" },
	{ missing_though_it_came, "says that 1_TO_2.1 is missing, and its log" },
	{ by_hand_from_elsewhere, "R9: computer 2: HUMAN_TO_2.~" },
	{ by_hand_where_trine_writes, "R10: computer 2: 1_TO_2.~" },
	{ written_again_by_a_cycle, "no person wrote it twice" },
	{ written_again_by_a_pick, "no person wrote it twice" },
	{ read_again_where_nothing_is_new, "no person wrote it twice" },
	{ bad_fleet_yaml, "R16: computer 1" },
	{ anchored_fleet_yaml, "cannot be read: an anchor" },
	{ copy_for_another, "R22: computer 1: it changed conflicts/2/" },
	{ copy_without_a_name, "R25: computer 1: conflicts/1/COMPUTER_1.md" },
	{ a_copy_as_it_was, "brings coordination/conflicts/1/" },
	{ deleted_and_put_again, "brings coordination/shared/notes.md back" },
	{ a_deletion_undone, "R22: computer 1: shared/notes.md was deleted on" },
	{ an_edit_undone, "R22: computer 1: shared/notes.md was edited on" },
	{ a_line_left, "R17: computer 1: \"Notes\" was taken out of shared/" },
	{ a_line_put_back, "brings \"Do k4.\" of messages/HUMAN_TO_3.md back" },
	{ copied_twice, "R25: computer 1: conflicts/1/20261126T113000Z" },
	{ copied_often, "R26: computer 1: conflicts/1/" },
	{ former_forgotten, "R27: computer 2" },
	{ old_clone_again, "R27: computer 2: clone 22222222 pushed" },
	{ number_used_again, "R29: computer 1: 1_TO_2.2" },
	{ gap_in_numbers, "numbers: computer 1: 1_TO_2 at" },
	{ numbers_out_of_order, "1 stands behind 2" },
	{ status_of_another, "owner: computer 1: it changed COMPUTER_2.md" },
	{ path_of_another, "which is computer 1's" },
	{ outside, "owner: computer 1: README.md at" },
	{ not_for_desks, "added: computer 1: shared/tool.exe" },
	{ for_other_tools, "added: computer 1: shared/Claude.md" },
	{ executable, "added: computer 1: " },
	{ gone_back, "linear: the branch went from" },
	{ gone_back_once_more, "linear: the branch went from" },
	{ branch_deleted, "linear: the branch is gone" },
	{ a_merge, "is a merge" },
	{ no_end, "stream: computer 1: the open file of 1_TO_2" },
	{ foreign_id, "an id of another stream" },
	{ no_such_priority, "no such priority" },
	{ keys_twice, "a key twice" },
	{ no_marker, "no trine:messages line" },
	{ segment_changed, "segment: computer 1: archive/1_TO_3/0001.md" },
	{ segment_too_soon, "before it had 10 KiB" },
	{ segment_out_of_turn, "segment: computer 1: archive/1_TO_3/0003.md" },
	{ bad_status, "status: computer 1: COMPUTER_1.md at" },
	{ no_status, "there is none" },
	{ status_of_another_clone, "of another computer or clone" },
	{ a_new_time_alone, "churn: computer 3" },
	{ another_desk, "desk: computer 3: shared/notes.md is not on" },
	{ more_on_a_desk, "desk: computer 3: shared/more.md is on its desk" },
	{ less_on_a_desk, "desk: computer 3: shared/notes.md is on the tip" },
	{ handed_before_it_came, "handed: computer 2: 1_TO_2.2 was handed over, and" },
	{ handed_again, "handed: computer 2: 1_TO_2.1 was handed over again" },
	{ handed_again_when_it_was_done, "1_TO_2.1 was handed over again, after" },
	{ handed_in_the_log_twice, "its log says twice that 1_TO_2.1 was handed" },
	{ not_handed, "handed: computer 2: 1_TO_2.1 is for its instance, and" },
	{ a_task_not_handed, ".1 is for its instance, and was not handed over" },
	{ handed_in_the_log_alone, "1_TO_2.1 is for its instance, and was not" },
	{ handed_by_a_new_clone, "R29: computer 2: 1_TO_2.1 was handed over before" },
	{ not_received, "arrives: computer 2 never received k2." },
	{ not_received_by_one_of_all, "arrives: computer 2 never received k3." },
	{ not_received_of_who_has_no_trine, "3 never received k4. from computer 9, "
					    "written by hand" },
	{ not_sent, "sent: computer 1 does not have k6." },
	{ sent_twice, "sent: computer 1 has k1. as sent 2 times" },
	{ not_confirmed, "confirmed: computer 2: its status" },
	{ confirmed_to_nobody, "confirmed: computer 1: its log" },
	{ not_kept, "kept: k7., an edit by computer 2" },
	{ taken_back_and_there, "back: computer 2 has k1." },
	{ an_edit_that_arrives, "forged: computer " },
	{ an_edit_of_another_that_arrives, "forged: computer 3 has k4." },
	{ said_by_another, "forged: computer 1 has k1." },
	{ said_to_another, "forged: computer 2 received k1." },
	{ taken_out_unseen, "kept: computer 1 took k4. out of shared/notes.md" },
	{ sent_without_its_end, "words: computer 1: the body of 1_TO_2.2, k2." },
	{ sent_with_another_title, "words: computer 1: the title of 1_TO_2.2" },
	{ sent_as_urgent, "words: computer 1: the priority of 1_TO_2.2" },
	{ typed_otherwise, "words: computer 1: 1_TO_2.2 is \"And k2.|\", and" },
	{ typed_by_nobody, "1_TO_2.2 has \"and so on\", which nobody typed" },
};

#endif
