/* Ways to break a good history: what computers hand over to their instances. A part of
 * check_breaks.h, whose good history they break. */
#ifndef TRINE_CHECK_BREAKS_HANDED_H
#define TRINE_CHECK_BREAKS_HANDED_H

static void handed_before_it_came(struct fleet *f)
{
	hand_over(f, 2, "new/1_TO_2.2.md");
}
static void handed_again(struct fleet *f)
{
	hand_over(f, 2, "new/1_TO_2.1.md");
	assert_null(check_step(f->c));
	take_away(f, 2, "new/1_TO_2.1.md");
	hand_over(f, 2, "cur/1_TO_2.1.md:2,S");
	assert_null(check_step(f->c));
	hand_over(f, 2, "new/1_TO_2.1.md");
}
static void handed_again_when_it_was_done(struct fleet *f)
{
	hand_over(f, 2, "new/1_TO_2.1.md");
	assert_null(check_step(f->c));
	take_away(f, 2, "new/1_TO_2.1.md");
	assert_null(check_step(f->c));
	hand_over(f, 2, "new/1_TO_2.1.md");
}
static void handed_in_the_log_twice(struct fleet *f)
{
	for (int i = 0; i < 2; i++)
		event(f, 2, "\"type\":\"message.handed\",\"id\":\"1_TO_2.1\","
		      "\"instance\":\"w\"");
}
static void not_handed(struct fleet *f)
{
	check_instance(f->c, 2);
}
static void a_task_not_handed(struct fleet *f)
{
	const char *tip;

	check_instance(f->c, 3);
	put(f, "messages/HUMAN_TO_3.md", "- [ ] A task\n");
	push_by_a_person(f);
	publish(f);
	tip = git_oid_tostr_s(&f->tip);
	event(f, 3, "\"type\":\"message.received\",\"id\":\"HUMAN_TO_3.~%.10s.1\","
	      "\"commit\":\"%s\",\"state\":\"QUEUED\","
	      "\"message\":{\"type\":\"task\",\"title\":\"A task\"}", tip, tip);
}
static void handed_in_the_log_alone(struct fleet *f)
{
	not_handed(f);
	event(f, 2, "\"type\":\"message.handed\",\"id\":\"1_TO_2.1\","
	      "\"instance\":\"w\"");
}
static void handed_by_a_new_clone(struct fleet *f)
{
	new_clone(f, 2, "2222222b", "former: [22222222]\n");
	hand_over(f, 2, "new/1_TO_2.1.md");
}

#endif
