#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *what;
} rules[CK_RULES] = {
	[CK_LOG_LINE] = { "log-line", "lines of the log are whole and in order" },
	[CK_LOG_KEPT] = { "log-kept", "the log only grows" },
	[CK_ONCE] = { "once", "a message is received once" },
	[CK_R2] = { "R2", "a commit is in the log before it is pushed" },
	[CK_R3] = { "R3", "what a cycle wrote on a desk is no edit" },
	[CK_R5] = { "R5", "messages count from commits of their writer" },
	[CK_R7] = { "R7", "a number has one text" },
	[CK_R8] = { "R8", "receipts only rise, and say what is missing" },
	[CK_R9] = { "R9", "hand-written text counts where it was added" },
	[CK_R10] = { "R10", "nothing is by hand where trine writes" },
	[CK_R11] = { "R11", "own files are carried on, all of them" },
	[CK_R12] = { "R12", "no loose text in an own stream" },
	[CK_R15] = { "R15", "what was seen on the branch was there" },
	[CK_R16] = { "R16", "fleet.yaml can be read" },
	[CK_R17] = { "R17", "a line that was changed, or removed, stays so" },
	[CK_R22] = { "R22", "what is deleted stays so, copies are added by one" },
	[CK_R24] = { "R24", "what no desk has stays as it is" },
	[CK_R25] = { "R25", "copies are named, and kept once" },
	[CK_R26] = { "R26", "copies, and putting back, are bounded" },
	[CK_R27] = { "R27", "one clone follows on the other" },
	[CK_R29] = { "R29", "a number with a receipt is not used again" },
	[CK_R31] = { "R31", "to all is to who is there" },
	[CK_NUMBERS] = { "numbers", "numbers run on" },
	[CK_RECEIPT] = { "receipt", "what has a receipt is recorded before" },
	[CK_OWNER] = { "owner", "files change through their owner" },
	[CK_LINEAR] = { "linear", "the branch goes on in one line" },
	[CK_STREAM] = { "stream", "streams can be read" },
	[CK_SEGMENT] = { "segment", "segments stay as they are" },
	[CK_STATUS] = { "status", "statuses can be read" },
	[CK_CHURN] = { "churn", "a status is written when it says something" },
	[CK_ADDED] = { "added", "what a computer adds can reach a desk" },
	[CK_DESK] = { "desk", "desks are as the tip" },
	[CK_ARRIVES] = { "arrives", "what was said arrives" },
	[CK_SENT] = { "sent", "what was sent is in the log, once" },
	[CK_CONFIRMED] = { "confirmed", "what arrived is confirmed" },
	[CK_KEPT] = { "kept", "edits are kept" },
	[CK_BACK] = { "back", "what was taken back is nowhere" },
	[CK_FORGED] = { "forged", "nobody speaks for another" },
	[CK_IDLE] = { "idle", "a cycle without news leaves nothing" },
	[CK_HANDED] = { "handed", "what is for an instance gets there, once" },
	[CK_EARLY] = { "early", "what came early, git brings or takes back" },
	[CK_WORDS] = { "words", "what was said stays as it was said" },
	[CK_R33] = { "R33", "a claim has one holder" },
	[CK_R34] = { "R34", "claims are made for the tip they stand on" },
	[CK_R35] = { "R35", "what is held, the branch shows" },
	[CK_R37] = { "R37", "generations of claims only rise" },
	[CK_R38] = { "R38", "claims of others last as long as their leases" },
};

bool ck_rule(struct check *c, enum ck_rule rule, bool good, const char *format,
	     ...)
{
	va_list args;
	char *text;

	c->looked[rule]++;
	if (good || c->finding)
		return good;
	va_start(args, format);
	text = ck_vprint(format, args);
	va_end(args);
	c->finding = ck_print("%s: %s", rules[rule].name, text);
	free(text);
	return false;
}

struct check *check_new(git_repository *remote, const char *branch,
			const char *prefix)
{
	struct check *c = ck_alloc(sizeof(*c));

	c->remote = remote;
	c->branch = ck_copy(branch, strlen(branch));
	c->prefix = ck_copy(prefix, strlen(prefix));
	return c;
}

static void free_commit(void *pointer)
{
	struct ck_commit *commit = pointer;

	free(commit->parents.items);
	free(commit->streams.items);
	json_decref(commit->claimed);
	free(commit);
}

static void free_texts(struct ck_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

static void free_stream(void *pointer)
{
	struct ck_stream *stream = pointer;

	free_texts(&stream->names);
	free_texts(&stream->oids);
	free(stream->files.items);
	free(stream->messages);
	free(stream->name);
	free(stream);
}

static void free_fleet(void *pointer)
{
	struct ck_fleet *fleet = pointer;

	json_decref(fleet->yaml);
	free(fleet);
}

static void free_list(void *pointer)
{
	struct ck_list *list = pointer;

	free(list->items);
	free(list);
}

static void free_list_of_texts(void *pointer)
{
	free_texts(pointer);
	free(pointer);
}

static void free_computer(struct ck_computer *computer)
{
	ck_log_forget(computer);
	ck_empty(&computer->logged, NULL);
	ck_empty(&computer->clones, NULL);
	ck_empty(&computer->accepted, NULL);
	ck_empty(&computer->before, NULL);
	ck_empty(&computer->highest, NULL);
	ck_empty(&computer->inherited, NULL);
	ck_empty(&computer->copies, ck_copied_free);
	ck_empty(&computer->copied, NULL);
	ck_empty(&computer->uncopied, NULL);
	ck_empty(&computer->put_back, free);
	free(computer->dir);
}

void check_free(struct check *c)
{
	if (!c)
		return;
	for (int n = 0; n < CK_COMPUTERS; n++)
		free_computer(&c->computers[n]);
	ck_losses_free(c);
	ck_wishes_free(c);
	ck_empty(&c->commits, free_commit);
	ck_empty(&c->shorts, NULL);
	free(c->in_order.items);
	ck_empty(&c->made, NULL);
	ck_empty(&c->files, ck_file_free);
	ck_empty(&c->statuses, ck_status_free);
	ck_empty(&c->fleets, free_fleet);
	ck_empty(&c->streams, free_stream);
	ck_empty(&c->versions, NULL);
	ck_empty(&c->scanned, free_list);
	ck_empty(&c->vouched, free_list_of_texts);
	ck_empty(&c->used, NULL);
	ck_empty(&c->origins, free);
	ck_empty(&c->tokens, ck_token_free);
	ck_empty(&c->beats, NULL);
	ck_empty(&c->claims, NULL);
	free(c->branch);
	free(c->prefix);
	free(c->finding);
	free(c);
}

/* ---- what the world tells ---- */

static struct ck_computer *computer_of(struct check *c, int number)
{
	if (number < 1 || number >= CK_COMPUTERS)
		abort();
	return &c->computers[number];
}

void check_computer(struct check *c, int number, const char *dir)
{
	struct ck_computer *computer = computer_of(c, number);

	if (computer->number)
		ck_log_forget(computer);
	/* One that the branch knows nothing of joins, and does not come back. */
	if (!c->tip || !c->tip->last[number])
		*computer->all_started = '\0';
	computer->number = number;
	computer->gone = false;
	free(computer->dir);
	computer->dir = ck_copy(dir, strlen(dir));
}

void check_started(struct check *c, int number, const char *tip)
{
	struct ck_computer *computer = computer_of(c, number);

	if (!*computer->all_started)
		snprintf(computer->all_started, sizeof(computer->all_started), "%s",
			 tip);
}

void check_instance(struct check *c, int number)
{
	computer_of(c, number)->instance = true;
}

void check_gone(struct check *c, int number)
{
	computer_of(c, number)->gone = true;
}

void check_twins(struct check *c, int number, bool two)
{
	struct ck_computer *computer = computer_of(c, number);

	computer->twins = two;
	/* Each may have given the same number to a text of its own (R7). */
	computer->both_back = computer->ever_back = true;
}

void check_restored(struct check *c, int number)
{
	struct ck_computer *computer = computer_of(c, number);

	computer->restored = true;
	ck_commits_step(c);		/* what is on the branch by now */
	ck_forget_lost(computer);
	ck_log_forget(computer);
}

void check_rewound(struct check *c)
{
	c->rewound = c->ever_rewound = c->moving = true;
	ck_commits_step(c);		/* before anything new is on it */
	c->moving = false;
}

void check_said(struct check *c, const struct said *said)
{
	struct ck_token *token = ck_token_of(c, said->token);

	token->said = *said;
	token->said.token = token->text;
	token->is_said = true;
}

void check_time(struct check *c, int64_t now)
{
	c->now = now + 1;
}

bool check_on_branch(struct check *c, const char *text)
{
	const struct ck_token *token;

	ck_commits_step(c);
	token = ck_get(&c->tokens, text);
	return token && ck_token_on_branch(token);
}

bool check_only_ticked(struct check *c, const char *text, const char *path)
{
	const struct ck_token *token;
	bool ticked = false, asked = false;

	ck_commits_step(c);
	token = ck_get(&c->tokens, text);
	for (size_t i = 0; token && i < token->commits.count; i++) {
		const struct ck_commit *commit = token->commits.items[i];

		if (!commit->on_branch)
			continue;
		asked |= ck_count_asked(c, commit, path, text, false) > 0;
		ticked |= ck_count_asked(c, commit, path, text, true) > 0;
	}
	return ticked && !asked;
}

bool check_vouched(struct check *c, const char *text)
{
	const struct ck_token *token;
	bool vouched = false;

	ck_commits_step(c);
	token = ck_get(&c->tokens, text);
	for (size_t i = 0; token && i < token->commits.count; i++) {
		const struct ck_commit *commit = token->commits.items[i];

		vouched |= commit->on_branch && commit->computer == token->said.from;
	}
	return vouched;
}

bool check_has_come(const struct check *c, const char *text)
{
	const struct ck_token *token = ck_get(&c->tokens, text);

	for (size_t i = 0; token && i < token->events.count; i++)
		if (((const struct ck_event *)token->events.items[i])->kind == 'r')
			return true;
	return false;
}

/* ---- looking ---- */

/* Has it one log, and does anybody look at it? */
static bool has_log(const struct ck_computer *computer)
{
	return computer->number && !computer->gone && !computer->twins;
}

static void step(struct check *c)
{
	for (int n = 1; n < CK_COMPUTERS && !c->finding; n++) {
		if (has_log(&c->computers[n]))
			ck_log_step(c, &c->computers[n]);
	}
	if (!c->finding)
		ck_commits_step(c);
	for (int n = 1; n < CK_COMPUTERS && !c->finding; n++) {
		if (has_log(&c->computers[n]))
			ck_log_settle(c, &c->computers[n]);
	}
	for (int n = 1; n < CK_COMPUTERS && !c->finding; n++) {
		if (has_log(&c->computers[n]))
			ck_handed_step(c, &c->computers[n]);
	}
	ck_wishes_check(c);
	ck_troubles_step(c);
	c->rewound = false;
	c->watched = true;
}

const char *check_step(struct check *c)
{
	if (!c->finding)
		step(c);
	return c->finding;
}

static void (*const at_rest[])(struct check *c) = {
	ck_rest_own, ck_rest_desks, ck_rest_said, ck_rest_handed, ck_losses_check,
};

const char *check_rest(struct check *c)
{
	if (!c->finding)
		step(c);
	for (int n = 1; n < CK_COMPUTERS && !c->finding; n++) {
		if (has_log(&c->computers[n]))
			ck_log_whole(c, &c->computers[n]);
		c->computers[n].rest_seq = c->computers[n].log.seq;
	}
	for (size_t i = 0; i < sizeof(at_rest) / sizeof(at_rest[0]); i++) {
		if (!c->finding)
			at_rest[i](c);
	}
	c->rest_tip = c->tip;
	return c->finding;
}

const char *check_idle(struct check *c)
{
	if (!c->finding)
		step(c);
	ck_rule(c, CK_IDLE, c->tip == c->rest_tip, "the tip was %.10s, and is "
		"%.10s after a cycle without news", c->rest_tip ?
		c->rest_tip->hex : "none", c->tip ? c->tip->hex : "none");
	for (int n = 1; n < CK_COMPUTERS; n++) {
		const struct ck_computer *computer = &c->computers[n];

		ck_rule(c, CK_IDLE, computer->log.seq == computer->rest_seq ||
			computer->gone, "computer %d: %ld events, the last a "
			"%s, were logged in a cycle without news", n,
			computer->log.seq - computer->rest_seq,
			computer->log.type);
	}
	return c->finding;
}

void check_looked(const struct check *c, uint64_t sum[CHECK_RULES])
{
	for (int i = 0; i < CK_RULES; i++)
		sum[i] += c->looked[i];
}

static void report(int rule, uint64_t times, void (*line)(const char *text))
{
	char *text = ck_print("%-10s %12llu  %s", rules[rule].name,
			      (unsigned long long)times, rules[rule].what);

	line(text);
	free(text);
}

void check_report(const uint64_t sum[CHECK_RULES],
		  void (*line)(const char *text))
{
	for (int i = 0; i < CK_RULES; i++)
		if (rules[i].name)
			report(i, sum[i], line);
}

void check_report_never(const uint64_t sum[CHECK_RULES],
			void (*line)(const char *text))
{
	for (int i = 0; i < CK_RULES; i++)
		if (rules[i].name && sum[i] == 0)
			report(i, 0, line);
}
