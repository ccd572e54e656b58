/* Who is the agent among the ancestors of a command. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/session.h"

/* Ancestors, the parent first: a name, * where it leads a session, @ where it has a
 * terminal; > is in front of who is meant. */
static const char *const rows[] = {
	/* an agent in a terminal, which runs commands by a shell */
	"bash >claude bash*@ tmux:server",
	"sh bash >node zsh*@ login",
	/* one whose shells lead sessions of their own, without a terminal */
	"bash* >claude bash*@ sshd",
	/* a person at a terminal */
	">bash*@ sshd sshd",
	">-zsh*@ login",
	"sh sudo >bash*@ gnome-terminal-",
	/* a script started by hand */
	"sh make >bash*@ sshd",
	/* cron, and nobody at all */
	"sh >cron",
	"timeout sh >python3 systemd",
	"sh >bash",
	">trine-mcp",
	"trine >cursor",
	/* what a daemon has started, a shell too */
	"trine >sh trined systemd",
	"sh >bash trined",
	"sh >claude trined",
};

static size_t parse(const char *row, struct process_info *chain, size_t *meant)
{
	char copy[200], *save = NULL;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", row);
	for (char *w = strtok_r(copy, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save)) {
		struct process_info *p = &chain[count];

		*p = (struct process_info){ .pid = (long)count + 100 };
		if (*w == '>') {
			*meant = count;
			w++;
		}
		p->leads = strchr(w, '*') != NULL;
		if (strchr(w, '@') != NULL)
			strcpy(p->terminal, "/dev/pts/1");
		snprintf(p->name, sizeof(p->name), "%.*s",
			 (int)strcspn(w, "*@"), w);
		count++;
	}
	return count;
}

static void the_agent_is_found(void **state)
{
	struct process_info chain[PROCESS_CHAIN];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t meant = 99, count = parse(rows[i], chain, &meant);

		if (session_agent(chain, count) != meant)
			fail_msg("%s: %zu", rows[i], session_agent(chain, count));
	}
	assert_int_equal(session_agent(chain, 0), 0);
}

static void names_are_for_people(void **state)
{
	char text[SESSION_TEXT];
	struct session s = { .number = 3, .name = (char []){ "Atlas" } };

	(void)state;
	assert_string_equal(session_text(&s, text), "session 3 (Atlas)");
	s.name = (char []){ "" };
	assert_string_equal(session_text(&s, text), "session 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_agent_is_found),
		cmocka_unit_test(names_are_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
