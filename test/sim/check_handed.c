/* What computers hand over to their instance "w", which has an inbox: the files there,
 * and what the log says of them. */
#include "check_own.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a message is that is handed over. */
struct handed {
	bool asked;		/* the log has it, and it is for the instance */
	bool said;		/* so says the log */
	bool in_new, taken;	/* as it was looked at last */
	bool is_there;		/* in new/, now */
};

static struct handed *handed_of(struct ck_log *log, const char *id)
{
	struct handed *handed = ck_get(&log->handed, id);

	if (!handed) {
		handed = ck_alloc(sizeof(*handed));
		ck_put(&log->handed, id, handed);
	}
	return handed;
}

/* Where nobody else is on the computer, it gets every task that others send and that is
 * for nobody in particular. */
static bool is_asked(const json_t *event)
{
	const json_t *message = json_object_get(event, "message");
	const char *to = ck_word(message, "for");

	if (!strcmp(ck_word(event, "state"), "BLOCKED"))	/* in doubt (R29) */
		return false;
	return !strcmp(to, "w") || (!*to && !strcmp(ck_word(message, "type"), "task"));
}

static void note_said(struct check *c, struct ck_computer *computer, const char *id)
{
	struct handed *handed = handed_of(&computer->log, id);

	ck_rule(c, CK_HANDED, !handed->said, "computer %d: its log says twice that "
		"%s was handed over", computer->number, id);
	handed->said = true;
}

static void not_asked(struct ck_log *log, const char *id)
{
	struct handed *handed = ck_get(&log->handed, id);

	if (handed)
		handed->asked = false;
}

void ck_handed_heard(struct check *c, struct ck_computer *computer,
		     const json_t *event)
{
	const char *type = ck_word(event, "type"), *id = ck_word(event, "id");
	const char *answered = ck_word(json_object_get(event, "message"), "re");
	struct ck_log *log = &computer->log;

	if (!strcmp(type, "message.handed"))
		note_said(c, computer, id);
	if (!strcmp(type, "message.received") && is_asked(event))
		handed_of(log, id)->asked = true;
	/* somebody has read, answered, begun or ended it before, or it was taken back */
	if (!strcmp(type, "message.read") || !strcmp(type, "message.withdrawn") ||
	    !strncmp(type, "task.", 5))
		not_asked(log, id);
	if (!strcmp(type, "message.found"))
		not_asked(log, answered);
}

/* ---- the inbox ---- */

struct inbox {
	struct check *c;
	struct ck_computer *computer;
};

/* A new clone may be one of two machines until the branch shows a commit of it. */
static bool may_hand_over(const struct ck_computer *computer)
{
	return !computer->log.looked || !*computer->log.clone ||
	       ck_get(&computer->accepted, computer->log.clone);
}

static void look_at_new(const struct inbox *inbox, const char *id)
{
	struct ck_computer *computer = inbox->computer;
	struct handed *handed = handed_of(&computer->log, id);

	handed->is_there = true;
	ck_rule(inbox->c, CK_HANDED, ck_get(&computer->log.received, id),
		"computer %d: %s was handed over, and its log does not have it",
		computer->number, id);
	ck_rule(inbox->c, CK_HANDED, !handed->taken, "computer %d: %s was handed "
		"over again, after it was taken", computer->number, id);
	if (!handed->in_new)
		ck_rule(inbox->c, CK_R29, may_hand_over(computer), "computer %d: %s "
			"was handed over before any commit of clone %s was on the "
			"branch", computer->number, id, computer->log.clone);
	handed->in_new = true;
}

static void look_at_taken(const struct inbox *inbox, const char *id)
{
	handed_of(&inbox->computer->log, id)->taken = true;
}

/* "1_TO_2.7.md", "1_TO_2.7.md:2,S" */
static void each_file(const struct inbox *inbox, const char *folder,
		      void (*each)(const struct inbox *inbox, const char *id))
{
	char *path = ck_print("%s/.trine/inbox/w/%s", inbox->computer->dir, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *id = ck_copy(entry->d_name, strlen(entry->d_name));
		char *end = strstr(id, ".md");

		if (end && end > id) {
			*end = '\0';
			each(inbox, id);
		}
		free(id);
	}
	if (dir)
		closedir(dir);
	free(path);
}

/* What is in new/ no more, its reader has taken, and put away too; and what was handed
 * over before anybody looked. */
void ck_handed_step(struct check *c, struct ck_computer *computer)
{
	const struct inbox inbox = { c, computer };
	struct ck_map *map = &computer->log.handed;

	each_file(&inbox, "cur", look_at_taken);
	each_file(&inbox, "new", look_at_new);
	for (size_t i = 0; i < map->room; i++) {
		struct handed *handed = map->slots[i].value;

		if (!handed)
			continue;
		handed->taken |= !handed->is_there && (handed->in_new ||
			(!computer->log.looked && handed->said));
		handed->in_new = handed->is_there;
		handed->is_there = false;
	}
	computer->log.looked = true;
}

void ck_rest_handed(struct check *c)
{
	for (int n = 1; n < CK_COMPUTERS; n++) {
		const struct ck_computer *computer = &c->computers[n];
		const struct ck_map *map = &computer->log.handed;

		if (!computer->instance || computer->gone)
			continue;
		for (size_t i = 0; i < map->room; i++) {
			const struct handed *handed = map->slots[i].value;

			if (handed && handed->asked)
				ck_rule(c, CK_HANDED, handed->said &&
					(handed->in_new || handed->taken),
					"computer %d: %s is for its instance, and "
					"was not handed over", n,
					map->slots[i].key);
		}
	}
}
