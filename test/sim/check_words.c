/* What was said is sent and received in the same words, all of them and no others. */
#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
	struct check *c;
	const struct ck_computer *computer;
	const char *id;
	const json_t *message;
	bool all_known;			/* of one line: somebody said it so */
	const char *line;
};

/* Of a task that is one line of a list the title is all. */
static const char *text_of(const json_t *message)
{
	const char *body = ck_word(message, "body");

	return *body ? body : ck_word(message, "title");
}

/* For people: TEXT in one line, its size where it is long. */
static const char *shown(const char *text)
{
	static char out[2][120];
	static int turn;
	char *line = out[turn = !turn];
	size_t size = strlen(text);

	if (size < 60)
		snprintf(line, sizeof(out[0]), "\"%s\"", text);
	else
		snprintf(line, sizeof(out[0]), "%zu bytes, \"%.60s…\"", size, text);
	for (char *at = line; *at; at++)
		if (*at == '\n')
			*at = '|';
	return line;
}

/* ---- what was typed stands in a message with what was typed beside it ---- */

static bool has_line(const char *text, const char *line)
{
	size_t size = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, line, size) && (!at[size] || at[size] == '\n'))
			return true;
		if (!*at)
			break;
	}
	return false;
}

static void look_who_said(struct ck_token *token, void *data)
{
	struct words *words = data;
	const struct said *said = &token->said;

	words->all_known |= !token->is_said || !said->body ||
			    (said->typed && !strcmp(said->body, words->line));
}

static void check_line(struct words *words, const char *line, size_t size)
{
	char *copy = ck_copy(line, size);

	words->line = copy;
	words->all_known = !size;
	ck_tokens_in(words->c, copy, size, look_who_said, words);
	ck_rule(words->c, CK_WORDS, words->all_known, "computer %d: %s has \"%.100s\", "
		"which nobody typed there", words->computer->number, words->id, copy);
	free(copy);
}

static void check_typed(struct words *words, const struct ck_token *token)
{
	const char *text = text_of(words->message), *end;

	ck_rule(words->c, CK_WORDS, has_line(text, token->said.body), "computer %d: %s "
		"is %s, and \"%s\" was typed", words->computer->number, words->id,
		shown(text), token->said.body);
	for (const char *line = text; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		check_line(words, line, (size_t)(end - line));
	}
}

/* ---- what was sent is a message of its own ---- */

static void check_field(struct words *words, const struct ck_token *token,
			const char *key, const char *said)
{
	const char *is = ck_word(words->message, key);

	if (said)
		ck_rule(words->c, CK_WORDS, !strcmp(is, said), "computer %d: the %s of "
			"%s, %s, is %s, and was %s", words->computer->number, key,
			words->id, token->text, shown(is), shown(said));
}

/* A line in the place of a task that somebody has started says more of that one, and is
 * no task. */
static bool is_about_a_task(const struct words *words, const struct said *said)
{
	return said->typed && *ck_word(words->message, "re");
}

static void check_words(struct ck_token *token, void *data)
{
	struct words *words = data;
	const struct said *said = &token->said;

	if (!token->is_said || !said->body)
		return;
	if (said->typed)
		check_typed(words, token);
	else
		check_field(words, token, "body", said->body);
	check_field(words, token, "title", said->title);
	if (!is_about_a_task(words, said))
		check_field(words, token, "type", said->type);
	check_field(words, token, "priority", said->priority);
}

void ck_words_check(struct check *c, const struct ck_computer *computer,
		    const json_t *event)
{
	struct words words = { c, computer, ck_word(event, "id"),
			       json_object_get(event, "message"), false, NULL };

	ck_tokens_of_event(c, event, check_words, &words);
}
