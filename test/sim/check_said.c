/* What was said, by its tokens: where each is, and where each must be. */
#include "check_own.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tokens: letters and digits, from a letter to a digit, and a dot ---- */

enum { MOST_TOKEN = 31 };

struct ck_token *ck_token_of(struct check *c, const char *text)
{
	struct ck_token *token = ck_get(&c->tokens, text);

	if (!token) {
		token = ck_alloc(sizeof(*token));
		token->text = ck_copy(text, strlen(text));
		ck_put(&c->tokens, text, token);
	}
	return token;
}

static void free_event(struct ck_event *event)
{
	free(event->id);
	free(event->body);
	free(event);
}

void ck_token_free(void *pointer)
{
	struct ck_token *token = pointer;

	for (size_t i = 0; i < token->events.count; i++)
		free_event(token->events.items[i]);
	free(token->events.items);
	free(token->commits.items);
	free(token->text);
	free(token);
}

void ck_tokens_in(struct check *c, const char *text, size_t size,
		  void (*each)(struct ck_token *token, void *data), void *data)
{
	const char *at = text, *end = text + size, *dot, *from;
	char word[MOST_TOKEN + 1];

	while (size && (dot = memchr(at, '.', (size_t)(end - at)))) {
		for (from = dot; from > at && isalnum((unsigned char)from[-1]);)
			from--;
		while (from < dot && !isalpha((unsigned char)*from))
			from++;
		at = dot + 1;
		if (from == dot || !isdigit((unsigned char)dot[-1]) ||
		    at - from > MOST_TOKEN)
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)(at - from), from);
		each(ck_token_of(c, word), data);
	}
}

void ck_tokens_of_event(struct check *c, const json_t *event,
			void (*each)(struct ck_token *token, void *data),
			void *data)
{
	const json_t *message = json_object_get(event, "message");
	const char *title = ck_word(message, "title");
	const char *body = ck_word(message, "body");

	ck_tokens_in(c, title, strlen(title), each, data);
	ck_tokens_in(c, body, strlen(body), each, data);
}

static bool is_sent_as(const struct ck_event *event,
		       const struct ck_computer *computer, const char *id)
{
	return event->computer == computer->number &&
	       event->life == computer->life && event->kind == 's' &&
	       !strcmp(event->id, id);
}

void ck_token_renumber(struct check *c, const struct ck_computer *computer,
		       const char *id, const char *to)
{
	for (size_t i = 0; i < c->tokens.room; i++) {
		struct ck_token *token = c->tokens.slots[i].value;

		for (size_t k = 0; token && k < token->events.count; k++) {
			struct ck_event *event = token->events.items[k];

			if (!is_sent_as(event, computer, id))
				continue;
			free(event->id);
			event->id = ck_copy(to, strlen(to));
		}
	}
}

static void forget_sent(struct ck_token *token,
			const struct ck_computer *computer, const char *id)
{
	size_t kept = 0;

	for (size_t i = 0; i < token->events.count; i++) {
		struct ck_event *event = token->events.items[i];

		if (is_sent_as(event, computer, id))
			free_event(event);
		else
			token->events.items[kept++] = event;
	}
	token->events.count = kept;
}

void ck_token_retract(struct check *c, const struct ck_computer *computer,
		      const char *id)
{
	for (size_t i = 0; i < c->tokens.room; i++) {
		struct ck_token *token = c->tokens.slots[i].value;

		if (token)
			forget_sent(token, computer, id);
	}
}

/* ---- tokens of commits ---- */

static void list_token(struct ck_token *token, void *data)
{
	ck_push(data, token);
}

static const struct ck_list *tokens_scanned(struct check *c, const char *hex,
					    const char *text, size_t size)
{
	struct ck_list *tokens = ck_alloc(sizeof(*tokens));

	ck_tokens_in(c, text, size, list_token, tokens);
	ck_put(&c->scanned, hex, tokens);
	return tokens;
}

const struct ck_list *ck_tokens_of_blob(struct check *c, const git_oid *oid)
{
	static const struct ck_list none;
	char hex[41], *text;
	const struct ck_list *tokens;
	size_t size = 0;

	git_oid_tostr(hex, sizeof(hex), oid);
	tokens = ck_get(&c->scanned, hex);
	if (tokens)
		return tokens;
	text = ck_blob(c, oid, &size);
	tokens = text ? tokens_scanned(c, hex, text, size) : &none;
	free(text);
	return tokens;
}

void ck_tokens_of_desk(struct check *c, const struct ck_computer *computer,
		       const char *path, const char *hex)
{
	char *full = ck_print("%s/%s/%s", computer->dir, c->prefix, path), *text;
	git_oid oid, there;
	size_t size = 0;

	if (!git_oid_fromstr(&oid, hex) && !ck_get(&c->scanned, hex)) {
		text = ck_read_file(full, &size);
		git_odb_hash(&there, text, size, GIT_OBJECT_BLOB);
		if (git_oid_equal(&oid, &there))
			tokens_scanned(c, hex, text, size);
		free(text);
	}
	free(full);
}

struct bringing {
	struct check *c;
	struct ck_commit *commit;
};

static void bring(const struct ck_change *change, void *data)
{
	const struct bringing *by = data;
	const struct ck_list *tokens = change->is ?
		ck_tokens_of_blob(by->c, &change->oid) : NULL;

	if (change->is)
		ck_version_note(by->c, by->commit, change->path, &change->oid);
	for (size_t i = 0; tokens && i < tokens->count; i++) {
		struct ck_list *commits =
			&((struct ck_token *)tokens->items[i])->commits;

		if (!commits->count ||
		    commits->items[commits->count - 1] != by->commit)
			ck_push(commits, by->commit);
	}
}

void ck_tokens_of_commit(struct check *c, struct ck_commit *commit)
{
	struct bringing by = { c, commit };
	git_tree *now = ck_root(c, commit);
	git_tree *old = commit->parents.count ?
		ck_root(c, commit->parents.items[0]) : NULL;

	ck_changes(c, old, now, bring, &by);
	git_tree_free(old);
	git_tree_free(now);
}

bool ck_token_on_branch(const struct ck_token *token)
{
	for (size_t i = token->commits.count; i-- > 0;) {
		const struct ck_commit *commit = token->commits.items[i];

		if (commit->on_branch)
			return true;
	}
	return false;
}

/* ---- what must be true of each at rest ---- */

struct where {				/* of one token, on one computer */
	size_t ever;			/* received, in any log */
	size_t here;			/* in the present one */
	size_t now;			/* and not because it was sent anew */
};

static struct where received(const struct ck_token *token,
			     const struct ck_computer *computer)
{
	struct where where = { 0, 0, 0 };

	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		if (event->computer != computer->number || event->kind != 'r')
			continue;
		where.ever++;
		where.here += event->life == computer->life;
		where.now += event->life == computer->life && !event->again;
	}
	return where;
}

static bool is_for(const struct ck_token *token, const struct ck_computer *reader)
{
	const struct said *said = &token->said;

	return reader->number && !reader->gone && reader->number != said->from &&
	       (!said->to || said->to == reader->number);
}

bool check_is_there(const struct check *c, const char *text)
{
	const struct ck_token *token = ck_get(&c->tokens, text);
	bool there = token != NULL;

	for (int n = 1; n < CK_COMPUTERS && there; n++)
		there = !is_for(token, &c->computers[n]) ||
			received(token, &c->computers[n]).here > 0;
	return there;
}

static const char *who(int computer)
{
	static char text[2][24];
	static int turn;

	turn = !turn;
	snprintf(text[turn], sizeof(text[turn]), computer ? "computer %d" :
		 "a person", computer);
	return text[turn];
}

/* How its writer knows it by now; NULL: not at all. */
static const struct ck_event *as_sent(const struct ck_token *token)
{
	const struct ck_event *last = NULL;

	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		if (event->computer == token->said.from && event->kind != 'r')
			last = event;
	}
	return last;
}

struct aside {
	struct check *c;
	const struct ck_token *token;
	int computer;
	bool found;
};

static void look_aside(const struct ck_change *change, void *data)
{
	struct aside *aside = data;
	bool copy;

	if (change->is &&
	    ck_built_in(change->path, &copy) == aside->computer && copy)
		aside->found |= ck_has_token(ck_tokens_of_blob(aside->c,
							       &change->oid),
					     aside->token);
}

bool ck_has_token(const struct ck_list *tokens, const struct ck_token *token)
{
	for (size_t i = 0; i < tokens->count; i++)
		if (tokens->items[i] == token)
			return true;
	return false;
}

bool ck_puts_aside(struct check *c, const struct ck_commit *commit,
		   const struct ck_token *token, int computer)
{
	struct aside aside = { c, token, computer, false };
	git_tree *now = ck_tree(c, commit);
	git_tree *old = commit->parents.count ?
		ck_tree(c, commit->parents.items[0]) : NULL;

	ck_changes(c, old, now, look_aside, &aside);
	git_tree_free(old);
	git_tree_free(now);
	return aside.found;
}

/* Two machines gave one number to a text each, and the branch was set back before
 * they met: both texts are received (R7), and one log cannot have both under that
 * number. The one that stays keeps the other's text in conflicts/, and shows it. */
static bool kept_aside(struct check *c, const struct ck_token *token)
{
	int writer = token->said.from;
	bool found = false;

	if (!c->computers[writer].ever_back)
		return false;
	for (size_t i = 0; i < token->commits.count && !found; i++) {
		const struct ck_commit *commit = token->commits.items[i];

		found = commit->on_branch &&
			ck_puts_aside(c, commit, token, writer);
	}
	return found;
}

static void check_sent(struct check *c, const struct ck_token *token)
{
	const struct ck_computer *writer = &c->computers[token->said.from];
	size_t times = 0;

	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		if (event->kind == 's' && event->life == writer->life &&
		    event->computer == writer->number && !event->again)
			times++;
		ck_rule(c, CK_FORGED, event->kind == 'r' ||
			event->computer == writer->number, "computer %d has "
			"%s, %s, as its own; it is %s's", event->computer,
			token->text, event->id, who(token->said.from));
	}
	ck_rule(c, CK_SENT, times < 2, "computer %d has %s as sent %zu times",
		writer->number, token->text, times);
	ck_rule(c, CK_SENT, as_sent(token) || token->said.maybe ||
		writer->gone || kept_aside(c, token), "computer %d does not have %s as sent",
		writer->number, token->text);
}

/* "1_TO_2.7": its stream, to be freed, and number. */
static char *parts(const char *id, long *number)
{
	const char *dot = strchr(id, '.');

	*number = dot ? ck_number(dot + 1, NULL) : -1;
	return ck_copy(id, dot ? (size_t)(dot - id) : strlen(id));
}

/* As what READER has it now; NULL: under no number, or not by git yet. */
static const char *received_as(const struct ck_token *token,
			       const struct ck_computer *reader)
{
	const char *id = NULL;

	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		if (event->computer == reader->number && event->kind == 'r' &&
		    event->life == reader->life && !event->early &&
		    !strchr(event->id, '~'))
			id = event->id;
	}
	return id;
}

/* The receipt is on the tip, and its writer knows of it. */
static void look_for_receipt(struct check *c, const struct ck_token *token,
			     const struct ck_computer *reader,
			     const char *stream, long number)
{
	const struct ck_commit *last = c->tip ?
		c->tip->last[reader->number] : NULL;
	const struct ck_computer *writer = &c->computers[token->said.from];
	const char *receipt = last ? ck_receipt(last->status, stream) : NULL;
	char key[16];
	const json_t *seen;

	ck_rule(c, CK_CONFIRMED, receipt &&
		ck_number(receipt, NULL) >= number, "computer %d: its status "
		"on the tip has the receipt %s: %s, and %s, %s.%ld, was "
		"received", reader->number, stream, receipt ? receipt : "none",
		token->text, stream, number);
	if (writer->gone)
		return;
	snprintf(key, sizeof(key), "%d", reader->number);
	seen = json_object_get(json_object_get(ck_get(&writer->log.seen, key),
					       "received"), stream);
	ck_rule(c, CK_CONFIRMED, json_integer_value(seen) >= number,
		"computer %d: its log does not have the receipt of computer %d "
		"for %s.%ld, %s", writer->number, reader->number, stream,
		number, token->text);
}

static void check_confirmed(struct check *c, const struct ck_token *token,
			    const struct ck_computer *reader, const char *id)
{
	long number = 0;
	char *stream = id && token->said.from ? parts(id, &number) : NULL;

	if (stream && number > 0)
		look_for_receipt(c, token, reader, stream, number);
	free(stream);
}

/* Whichever of the commits that brought it: those of a rewritten branch do so again. */
static bool was_there(const struct ck_token *token, struct ck_commit *start)
{
	for (size_t i = 0; i < token->commits.count; i++)
		if (ck_is_below(token->commits.items[i], start))
			return true;
	return false;
}

/* Messages to all of before it joined are not for a computer. */
static bool came_before(struct check *c, const struct ck_token *token,
			const struct ck_computer *reader, const char *stream,
			long number)
{
	struct ck_commit *start;

	if (token->said.to || !strcmp(reader->all_started, "-"))
		return false;
	start = ck_get(&c->commits, reader->all_started);
	ck_rule(c, CK_R31, start || c->ever_rewound, "computer %d: it joined at "
		"\"%.10s\", where the branch never was", reader->number,
		reader->all_started);
	if (stream && number > 0)
		return ck_all_base(c, reader, stream) >= number;
	/* of lines on a branch that was rewritten nobody knows any more since when */
	return !start || c->ever_rewound || was_there(token, start);
}

/* It joined, in its first life, where that was said already (R31). */
static bool was_not_for(struct check *c, const struct ck_token *token,
			const struct ck_computer *reader, const char *stream,
			long number)
{
	struct ck_commit *start = ck_get(&c->commits, reader->all_started);

	return start && !reader->life && !token->said.maybe && stream &&
	       number <= ck_all_base(c, reader, stream) &&
	       token->commits.count &&
	       ck_is_below(token->commits.items[0], start);
}

/* Its writer has left, and nothing brings it; or a reader rejected it for its number,
 * and nobody sends it anew. */
static bool is_left_behind(const struct check *c, const struct ck_token *token)
{
	const struct ck_computer *writer = &c->computers[token->said.from];

	return token->said.how == SAID_SENT && writer->gone &&
	       (writer->ever_back || !ck_token_on_branch(token));
}

static void check_reader(struct check *c, const struct ck_token *token,
			 const struct ck_computer *reader)
{
	const struct ck_event *sent = token->said.how == SAID_SENT ?
		as_sent(token) : NULL;
	long number = 0;
	char *stream = sent ? parts(sent->id, &number) : NULL;
	struct where where = received(token, reader);
	const char *as = received_as(token, reader);
	bool may_miss = token->said.maybe ||
		(token->said.missed_by & 1U << reader->number) != 0 ||
		is_left_behind(c, token) ||
		(token->said.how == SAID_SENT && !sent && kept_aside(c, token)) ||
		came_before(c, token, reader, stream, number);

	ck_rule(c, CK_ONCE, where.now < 2 || token->said.twice, "computer %d received %s %zu times",
		reader->number, token->text, where.now);
	ck_rule(c, CK_ARRIVES, where.here || may_miss, "computer %d never "
		"received %s from %s, %s%s", reader->number, token->text,
		who(token->said.from), sent ? "sent as " : "written by hand",
		sent ? sent->id : "");
	ck_rule(c, CK_R31, !where.ever || token->said.to ||
		!was_not_for(c, token, reader, stream, number),
		"computer %d received %s, %s, which was said to all before it "
		"joined", reader->number, token->text, sent ? sent->id : "");
	if (where.here)
		check_confirmed(c, token, reader, as || may_miss || !sent ? as :
				sent->id);
	free(stream);
}

/* Only who was meant has it, and from whom said it. */
static void check_received(struct check *c, const struct ck_token *token)
{
	const struct said *said = &token->said;
	char *writer = said->from ? ck_print("%d_TO_", said->from) :
		ck_print("HUMAN_TO_");

	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		if (event->kind != 'r')
			continue;
		ck_rule(c, CK_FORGED, !strncmp(event->id, writer,
					       strlen(writer)),
			"computer %d received %s as %s; %s said it",
			event->computer, token->text, event->id,
			who(said->from));
		ck_rule(c, CK_FORGED, !said->to || said->to == event->computer,
			"computer %d received %s, %s, which is for computer %d",
			event->computer, token->text, event->id, said->to);
	}
	free(writer);
}

static void check_readers(struct check *c, const struct ck_token *token)
{
	for (int n = 1; n < CK_COMPUTERS; n++) {
		if (is_for(token, &c->computers[n]))
			check_reader(c, token, &c->computers[n]);
	}
	check_received(c, token);
}

/* What is written into a stream of a computer that left is by hand again. */
static bool is_by_hand(struct check *c, const struct ck_event *event)
{
	const struct ck_commit *commit = ck_get(&c->commits, event->commit);
	long number;
	char *stream = parts(event->id, &number);
	int from, to;
	bool hand = strstr(event->id, ".~") && commit &&
		    ck_stream_ends(stream, &from, &to) && from > 0 &&
		    ck_retired(commit->fleet, from);

	free(stream);
	return hand;
}

static void check_no_message(struct check *c, const struct ck_token *token,
			     bool sent_too)
{
	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		ck_rule(c, token->said.how == SAID_BACK ? CK_BACK : CK_FORGED,
			is_by_hand(c, event) || event->early ||
			(event->kind != 'r' && !sent_too), "computer %d has %s "
			"as message %s, which nobody sent", event->computer,
			token->text, event->id);
	}
}

static void check_hand(struct check *c, const struct ck_token *token)
{
	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];

		ck_rule(c, CK_FORGED, event->kind == 'r', "computer %d has %s, "
			"%s, as its own; it was written by hand",
			event->computer, token->text, event->id);
	}
	check_readers(c, token);
}

static void check_token(struct check *c, const struct ck_token *token)
{
	ck_early_check(c, token);
	switch (token->said.how) {
	case SAID_SENT:
		check_sent(c, token);
		check_readers(c, token);
		break;
	case SAID_BY_HAND:
		check_hand(c, token);
		break;
	case SAID_KEPT:
		check_no_message(c, token, true);
		ck_rule(c, CK_KEPT, token->commits.count || token->said.maybe,
			"%s, an edit by %s, was never on the branch",
			token->text, who(token->said.from));
		break;
	case SAID_BACK:
		if (token->said.maybe)
			break;
		check_no_message(c, token, false);
		ck_rule(c, CK_BACK, !token->commits.count, "%s was taken back, "
			"and came to the branch", token->text);
		break;
	}
}

void ck_rest_said(struct check *c)
{
	for (size_t i = 0; i < c->tokens.room && !c->finding; i++) {
		const struct ck_token *token = c->tokens.slots[i].value;

		if (token && token->is_said)
			check_token(c, token);
	}
}
