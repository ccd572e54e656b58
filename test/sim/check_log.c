/* The event logs: lines, order, and what they say is recorded. */
#include "check_own.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what is recorded ---- */

static void free_cover(void *pointer)
{
	struct ck_cover *cover = pointer;

	free(cover->seqs.items);
	free(cover);
}

struct ck_cover *ck_cover_of(struct ck_log *log, const char *stream)
{
	struct ck_cover *cover = ck_get(&log->covers, stream);

	if (!cover) {
		cover = ck_alloc(sizeof(*cover));
		ck_put(&log->covers, stream, cover);
	}
	return cover;
}

long ck_recorded(const struct ck_log *log, const char *stream, long number)
{
	const struct ck_cover *cover = ck_get(&log->covers, stream);

	if (!cover || number < 1 || (size_t)number >= cover->seqs.count)
		return 0;
	return (long)(intptr_t)cover->seqs.items[number];
}

static void record(struct ck_log *log, const char *stream, long number)
{
	struct ck_cover *cover = ck_cover_of(log, stream);

	if (number < 1 || number > 1000000)
		return;
	while (cover->seqs.count <= (size_t)number)
		ck_push(&cover->seqs, NULL);
	if (!cover->seqs.items[number])
		cover->seqs.items[number] = (void *)(intptr_t)log->seq;
}

static void json_done(void *json)
{
	json_decref(json);
}

void ck_log_forget(struct ck_computer *computer)
{
	struct ck_log *log = &computer->log;

	ck_empty(&log->received, NULL);
	ck_empty(&log->covers, free_cover);
	ck_empty(&log->hand, NULL);
	ck_empty(&log->made, NULL);
	ck_empty(&log->first, NULL);
	ck_empty(&log->below, NULL);
	ck_empty(&log->sent, NULL);
	ck_empty(&log->sent_by, NULL);
	ck_empty(&log->tried, NULL);
	ck_empty(&log->heard, NULL);
	ck_empty(&log->seen, json_done);
	ck_empty(&log->early, ck_early_free);
	ck_empty(&log->handed, free);
	ck_empty(&log->shown, NULL);
	ck_empty(&log->troubles, NULL);
	ck_empty(&log->came, NULL);
	ck_empty(&log->offered, NULL);
	ck_empty(&log->copied, NULL);
	for (size_t i = 0; i < log->waiting.count; i++)
		json_decref(log->waiting.items[i]);
	free(log->waiting.items);
	*log = (struct ck_log){ 0 };
	/* What the log counted, it counts anew. */
	ck_empty(&computer->copied, NULL);
	ck_empty(&computer->put_back, free);
	computer->life++;
}

/* ---- events ---- */

struct reading {
	struct check *c;
	struct ck_computer *computer;
	json_t *event;
};

/* "1_TO_2.7", "1_TO_2.7~5f3a9c1e": the stream, to be freed, and the number; NULL:
 * the id of a text that has no number. */
static char *id_parts(const char *id, long *number)
{
	const char *dot = strchr(id, '.'), *end;

	if (!dot || (*number = ck_number(dot + 1, &end)) < 1 ||
	    (*end && *end != '~'))
		return NULL;
	return ck_copy(id, (size_t)(dot - id));
}

static void record_id(struct ck_log *log, const char *id)
{
	long number;
	char *stream = id_parts(id, &number);

	if (stream)
		record(log, stream, number);
	free(stream);
}

struct telling {
	struct reading *by;
	char kind;
};

static bool begins_with(const char *text, const char *beginning)
{
	size_t size = strlen(beginning);

	while (size && beginning[size - 1] == '\n')
		size--;
	return !strncmp(text, beginning, size) &&
	       (!text[size] || text[size] == '\n');
}

/* Do both texts begin with the same, up to TOKEN? */
static bool begin_alike(const struct ck_token *token, const char *text,
			const char *other)
{
	const char *at = strstr(text, token->text);

	return at && !strncmp(text, other, (size_t)(at - text) +
			      strlen(token->text));
}

/* Half of it stood on a desk, waiting to be finished, and that desk came back when
 * it had been finished, said and received; somebody finishes it there once more, in
 * other words. That is another text, and whether its writer still means the part
 * that both begin with nobody can know. Where one of them is the beginning of the
 * other, it is the same text (R18). */
static bool has_another_end(const struct ck_token *token,
			    const struct ck_event *other, const char *body)
{
	return token->said.ends_anew && begin_alike(token, other->body, body) &&
	       !begins_with(other->body, body) && !begins_with(body, other->body);
}

static void tell(struct ck_token *token, void *data)
{
	const struct telling *telling = data;
	const struct ck_computer *computer = telling->by->computer;
	const json_t *message = json_object_get(telling->by->event, "message");
	const char *id = ck_word(telling->by->event, "id");
	const char *body = telling->kind == 'r' ? ck_word(message, "body") : "";
	bool again = json_object_get(message, "origin") != NULL, anew = false;
	size_t others = 0;
	struct ck_event *event;

	for (size_t i = 0; i < token->events.count; i++) {
		event = token->events.items[i];
		if (event->computer != computer->number ||
		    event->life != computer->life ||
		    event->kind != telling->kind)
			continue;
		if (!strcmp(event->id, id))
			return;
		if (strstr(id, ".~"))		/* see settle_once */
			continue;
		anew = has_another_end(token, event, body);
		again |= anew;
		others += !anew;
		ck_rule(telling->by->c, CK_ONCE, event->kind != 'r' ||
			!token->is_said || anew ||
			(token->said.twice && others < 2),
			"computer %d: %s and %s were received with the same "
			"text, %s", computer->number, event->id, id,
			token->text);
	}
	event = ck_alloc(sizeof(*event));
	*event = (struct ck_event){ .computer = computer->number,
		.life = computer->life, .kind = telling->kind, .again = again,
		.early = ck_early_came(telling->by->event),
		.id = ck_copy(id, strlen(id)), .body = ck_copy(body, strlen(body)) };
	snprintf(event->commit, sizeof(event->commit), "%s",
		 ck_word(telling->by->event, "commit"));
	ck_push(&token->events, event);
}

static void tell_tokens(struct reading *reading, char kind)
{
	struct telling telling = { reading, kind };

	ck_tokens_of_event(reading->c, reading->event, tell, &telling);
	ck_words_check(reading->c, reading->computer, reading->event);
}

/* "1_TO_2.7~5f3a9c1e": known as "1_TO_2.7~", whatever the clone. */
static void record_known(struct ck_log *log, const char *id)
{
	const char *mark = strchr(id, '~');
	char *key = mark ? ck_copy(id, (size_t)(mark + 1 - id)) : NULL;

	if (key && !ck_get(&log->received, key))
		ck_put_number(&log->received, key, log->seq);
	free(key);
}

static void received(struct reading *reading)
{
	struct ck_log *log = &reading->computer->log;
	const char *id = ck_word(reading->event, "id");

	ck_rule(reading->c, CK_ONCE, !ck_get(&log->received, id),
		"computer %d: %s is received again, at seq %ld",
		reading->computer->number, id, log->seq);
	ck_put_number(&log->received, id, log->seq);
	ck_trouble_over(log, reading->event, id);
	if (ck_early_came(reading->event)) {
		ck_early_note(reading->computer, reading->event);
	} else {
		record_id(log, id);
		record_known(log, id);
		ck_push(&log->waiting, json_incref(reading->event));
	}
	tell_tokens(reading, 'r');
}

/* Only now a receipt may say so. */
static void brought(struct reading *reading)
{
	const char *number;
	json_t *event = ck_early_brought(reading->c, reading->computer,
					 reading->event, &number);

	record_id(&reading->computer->log, number);
	ck_trouble_over(&reading->computer->log, event, number);
	if (event)
		ck_push(&reading->computer->log.waiting, event);
}

/* A line that took the place of another one says what the task says now. */
static void amended(struct reading *reading)
{
	tell_tokens(reading, 'r');
}

static void numbered(struct reading *reading)	/* rejected, missing */
{
	json_t *number = json_object_get(reading->event, "number");
	const char *stream = ck_word(reading->event, "stream");

	ck_trouble_note(&reading->computer->log, reading->event);
	if (*stream && number)
		record(&reading->computer->log, stream,
		       (long)json_integer_value(number));
	else
		record_id(&reading->computer->log, ck_word(reading->event, "id"));
}

static void note_sent(struct ck_log *log, const char *id, unsigned long by)
{
	ck_put_number(&log->sent, id, log->seq);
	ck_put(&log->sent_by, id, (void *)by);
}

static void sent(struct reading *reading)
{
	note_sent(&reading->computer->log, ck_word(reading->event, "id"),
		  strtoul(ck_word(reading->event, "clone"), NULL, 16));
	tell_tokens(reading, 's');
}

static void found(struct reading *reading)
{
	tell_tokens(reading, 'f');
}

/* The message is known by its new id from here on. */
static void renumbered(struct reading *reading)
{
	struct ck_computer *computer = reading->computer;
	const char *id = ck_word(reading->event, "id");
	const char *to = ck_word(reading->event, "to");

	note_sent(&computer->log, to,
		  (unsigned long)ck_get(&computer->log.sent_by, id));
	ck_token_renumber(reading->c, computer, id, to);
}

/* The branch has it, or the beginning of it, and the rest is sent by itself. */
static void retracted(struct reading *reading)
{
	ck_token_retract(reading->c, reading->computer,
			 ck_word(reading->event, "id"));
}

static void hand_read(struct reading *reading)
{
	char *key = ck_print("%s %.10s", ck_word(reading->event, "stream"),
			     ck_word(reading->event, "commit"));
	struct ck_log *log = &reading->computer->log;

	if (!ck_get(&log->hand, key))
		ck_put_number(&log->hand, key, log->seq);
	free(key);
}

static void made(struct reading *reading)
{
	const char *commit = ck_word(reading->event, "commit");
	const char *replaces = ck_word(reading->event, "replaces");
	struct ck_log *log = &reading->computer->log;
	void *seq = (void *)(intptr_t)log->seq, *first = ck_get(&log->first, replaces);

	if (!first)
		first = ck_get(&log->made, replaces);
	if (first)
		ck_put(&log->first, commit, first);
	ck_put(&log->made, commit, seq);
	ck_put(&log->below, ck_word(reading->event, "parent"), seq);
	ck_put(&reading->c->made, commit, reading->computer);
}

static void tried(struct reading *reading)
{
	ck_tried_note(&reading->computer->log, reading->event);
}

static void later(struct reading *reading)
{
	ck_push(&reading->computer->log.waiting, json_incref(reading->event));
}

static void seen(struct reading *reading)
{
	struct ck_map *map = &reading->computer->log.seen;
	const json_t *computer = json_object_get(reading->event, "computer");
	char key[24];

	ck_hear(&reading->computer->log,
		 json_object_get(reading->event, "received"));
	ck_claims_heard(&reading->computer->log, reading->event);
	snprintf(key, sizeof(key), "%lld", (long long)json_integer_value(computer));
	json_decref(ck_get(map, key));
	ck_put(map, key, json_incref(reading->event));
}

static void claim_offered(struct reading *reading)
{
	ck_claim_offered(reading->c, reading->computer, reading->event);
}

static void claim_found(struct reading *reading)
{
	ck_claims_heard(&reading->computer->log, reading->event);
}

static void shown(struct reading *reading)
{
	ck_shown_note(reading->c, reading->computer, reading->event);
}

static void computer_set(struct reading *reading)
{
	struct ck_computer *computer = reading->computer;

	ck_put(&computer->logged, ck_word(reading->event, "clone"), computer);
	snprintf(computer->log.clone, sizeof(computer->log.clone), "%s",
		 ck_word(reading->event, "clone"));
}

static void all_started(struct reading *reading)
{
	if (!*reading->computer->all_started)
		snprintf(reading->computer->all_started,
			 sizeof(reading->computer->all_started), "%s",
			 ck_word(reading->event, "commit"));
}

static const struct {
	const char *type;
	void (*apply)(struct reading *reading);
} events[] = {
	{ "message.received", received },
	{ "message.brought", brought },
	{ "message.withdrawn", brought },
	{ "message.amended", amended },
	{ "message.rejected", numbered },
	{ "message.missing", numbered },
	{ "message.sent", sent },
	{ "message.found", found },
	{ "message.renumbered", renumbered },
	{ "message.retracted", retracted },
	{ "hand.read", hand_read },
	{ "commit.made", made },
	{ "commit.seen", later },
	{ "commit.tried", tried },
	{ "commit.untried", tried },
	{ "computer.seen", seen },
	{ "all.started", all_started },
	{ "computer.set", computer_set },
	{ "claim.offered", claim_offered },
	{ "claim.found", claim_found },
	{ "desk.published", shown },
	{ "desk.intended", shown },
};

static void apply(struct reading *reading)
{
	const char *type = ck_word(reading->event, "type");

	snprintf(reading->computer->log.type,
		 sizeof(reading->computer->log.type), "%s", type);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(type, events[i].type))
			events[i].apply(reading);
	ck_loss_heard(&reading->computer->log, reading->event);
	ck_handed_heard(reading->c, reading->computer, reading->event);
}

/* ---- lines ---- */

/* What is wrong with a line, which ends in its crc; NULL: nothing. */
static const char *bad_line(const char *line, size_t size, const json_t *event,
			    long seq)
{
	static const char tail[] = ",\"crc\":\"";
	size_t end = sizeof(tail) - 1 + 8 + 2;	/* and "} */
	char crc[9];

	if (!json_is_object(event))
		return "it is no JSON object";
	if (size < end || memcmp(line + size - end, tail, sizeof(tail) - 1))
		return "it does not end in its crc";
	snprintf(crc, sizeof(crc), "%08x", ck_crc(line, size - end));
	if (memcmp(line + size - 10, crc, 8))
		return "its crc is another";
	if (json_integer_value(json_object_get(event, "seq")) != seq)
		return "its seq does not follow";
	if (ck_time(ck_word(event, "time")) < 0)
		return "its time is none";
	if (!*ck_word(event, "type") || !*ck_word(event, "actor"))
		return "it has no type, or no actor";
	return NULL;
}

static void read_line(struct reading *reading, const char *line, size_t size)
{
	struct ck_log *log = &reading->computer->log;
	const char *why;

	reading->event = json_loadb(line, size, JSON_ALLOW_NUL, NULL);
	why = bad_line(line, size, reading->event, ++log->seq);
	if (ck_rule(reading->c, CK_LOG_LINE, !why, "computer %d: line %ld of "
		    "event-log.jsonl: %s", reading->computer->number, log->seq,
		    why ? why : ""))
		apply(reading);
	json_decref(reading->event);
}

static char *path_of(const struct ck_computer *computer)
{
	return ck_print("%s/.trine/event-log.jsonl", computer->dir);
}

/* SIZE bytes at FROM, or as many as there are. To be freed. */
static char *read_at(int fd, size_t from, size_t size, size_t *got)
{
	char *bytes = ck_alloc(size + 1);

	for (*got = 0; *got < size;) {
		ssize_t n = pread(fd, bytes + *got, size - *got,
				  (off_t)(from + *got));

		if (n <= 0)
			break;
		*got += (size_t)n;
	}
	return bytes;
}

/* Is the end of what was read still there? */
static bool keeps_end(int fd, const struct ck_log *log)
{
	size_t got;
	char *bytes = read_at(fd, log->read - log->last_size, log->last_size,
			      &got);
	bool kept = got == log->last_size && !memcmp(bytes, log->last, got);

	free(bytes);
	return kept;
}

static void keep_end(struct ck_log *log, const char *line, size_t size)
{
	log->last_size = size < sizeof(log->last) ? size : sizeof(log->last);
	memcpy(log->last, line + size - log->last_size, log->last_size);
}

/* Whole lines alone: a torn one is being written, or will be cut off. */
static void read_lines(struct reading *reading, char *bytes, size_t size)
{
	struct ck_log *log = &reading->computer->log;
	char *at = bytes, *end;

	while ((end = memchr(at, '\n', size - (size_t)(at - bytes)))) {
		size_t length = (size_t)(end - at);

		read_line(reading, at, length);
		log->hash = ck_hash(log->hash, at, length + 1);
		log->read += length + 1;
		keep_end(log, at, length + 1);
		at = end + 1;
	}
}

void ck_log_step(struct check *c, struct ck_computer *computer)
{
	struct reading reading = { .c = c, .computer = computer };
	struct ck_log *log = &computer->log;
	char *path = path_of(computer), *bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t got;

	free(path);
	if (fd < 0 || fstat(fd, &st)) {
		ck_rule(c, CK_LOG_KEPT, !log->read, "computer %d: its event "
			"log is gone", computer->number);
		if (fd >= 0)
			close(fd);
		return;
	}
	if (!log->read)
		log->hash = CK_HASH;
	if (ck_rule(c, CK_LOG_KEPT, (size_t)st.st_size >= log->read &&
		    keeps_end(fd, log), "computer %d: what was read of "
		    "event-log.jsonl, up to seq %ld, is not there any more",
		    computer->number, log->seq) &&
	    (size_t)st.st_size > log->read) {
		bytes = read_at(fd, log->read, (size_t)st.st_size - log->read,
				&got);
		read_lines(&reading, bytes, got);
		free(bytes);
	}
	close(fd);
}

void ck_log_whole(struct check *c, struct ck_computer *computer)
{
	struct ck_log *log = &computer->log;
	char *path = path_of(computer), *bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t got = 0;

	free(path);
	if (!log->read)
		log->hash = CK_HASH;
	bytes = fd < 0 ? ck_copy("", 0) : read_at(fd, 0, log->read, &got);
	ck_rule(c, CK_LOG_KEPT, got == log->read &&
		ck_hash(CK_HASH, bytes, got) == log->hash,
		"computer %d: event-log.jsonl was changed somewhere above seq "
		"%ld", computer->number, log->seq);
	free(bytes);
	if (fd >= 0)
		close(fd);
}

/* ---- what can be said once the commits are known ---- */

/* R5: a version that its writer vouches for has this text under this number. */
static void settle_numbered(struct check *c, const struct ck_computer *computer,
			    const json_t *event, const char *stream,
			    long number)
{
	const char *clone = ck_word(event, "clone");
	uint64_t content = ck_message_content(json_object_get(event,
							      "message"));
	char *key = ck_print("%s.%ld %s", stream, number, clone);
	const struct ck_list *texts = ck_get(&c->vouched, key);
	bool good = false;

	for (size_t i = 0; texts && i < texts->count; i++)
		good |= *(uint64_t *)texts->items[i] == content;
	/* In the first step: that commit may have been rewound before. */
	if (good || c->watched || ck_get(&c->commits, ck_word(event, "commit")))
		ck_rule(c, CK_R5, good, "computer %d: %s was received from "
			"commit %.10s; %s", computer->number, ck_word(event, "id"),
			ck_word(event, "commit"), texts ?
			"its writer vouches for another text" :
			"no commit of that clone of its writer vouches for it");
	free(key);
}

static bool touches(struct check *c, const struct ck_commit *commit,
		    const char *path)
{
	git_oid now, before;
	bool differs = ck_blob_at(c, commit, path, &now);

	for (size_t i = 0; differs && i < commit->parents.count; i++)
		differs = !ck_blob_at(c, commit->parents.items[i], path,
				   &before) || !git_oid_equal(&now, &before);
	return differs;
}

/* Did a person write it once more in COMMIT? A pick has its author and time. */
static bool writes_once_more(struct check *c, const struct ck_commit *commit,
			     const struct ck_commit *before, const char *path,
			     const char *words)
{
	size_t count;

	if (!commit || commit->computer ||
	    (before && before->author == commit->author))
		return false;
	count = ck_count_asked(c, commit, path, words, false);
	for (size_t i = 0; i < commit->parents.count; i++) {
		if (ck_count_asked(c, commit->parents.items[i], path, words,
				   false) >= count)
			return false;
	}
	return true;
}

struct settling {
	struct check *c;
	const struct ck_computer *computer;
	const char *id, *commit, *path;
};

/* The same words again are a new message where a person writes them: R9. */
static void settle_once(struct ck_token *token, void *data)
{
	const struct settling *by = data;
	struct ck_event *mine = NULL, *other = NULL;

	for (size_t i = 0; i < token->events.count; i++) {
		struct ck_event *event = token->events.items[i];

		if (event->computer != by->computer->number ||
		    event->life != by->computer->life || event->kind != 'r')
			continue;
		if (!strcmp(event->id, by->id))
			mine = event;
		else if (!mine)
			other = event;
	}
	if (!mine || !other || !token->is_said)
		return;
	mine->again = writes_once_more(by->c, ck_get(&by->c->commits,
						     by->commit),
				       ck_get(&by->c->commits, other->commit),
				       by->path, token->text);
	ck_rule(by->c, CK_ONCE, mine->again || token->said.twice, "computer %d: %s and %s were "
		"received with the same text, %s, and no person wrote it twice",
		by->computer->number, other->id, mine->id, token->text);
}

static void settle_added(struct check *c, const struct ck_computer *computer,
			 const struct ck_commit *commit, const char *id,
			 const char *stream, const char *path)
{
	const struct ck_commit *writer = NULL;
	int from, to;
	bool retired = ck_stream_ends(stream, &from, &to) && from > 0 &&
		       ck_retired(commit->fleet, from);

	/* `retire` has read what was written since its last own commit. */
	ck_rule(c, CK_R9, !strncmp(strchr(id, '~') + 1, commit->hex, 10) &&
		(touches(c, commit, path) || retired), "computer %d: %s was "
		"received from commit %.10s, which adds nothing to %s",
		computer->number, id, commit->hex, path);
	if (from > 0 && from < CK_COMPUTERS)
		writer = commit->last[from];
	if (from > 0)
		ck_rule(c, CK_R10, !writer || retired, "computer %d: %s was "
			"received as written by hand; computer %d has trine "
			"since %.10s", computer->number, id, from,
			writer ? writer->hex : "");
}

/* "HUMAN_TO_2.~57a3ecb5b5.1": R9, R10. The commit may be on another branch. */
static void settle_hand(struct check *c, const struct ck_computer *computer,
			const json_t *event)
{
	const char *id = ck_word(event, "id"), *dot = strchr(id, '.');
	const char *hex = ck_word(event, "commit");
	const struct ck_commit *commit = ck_get(&c->commits, hex);
	char *stream, *path;

	if (!dot || dot[1] != '~')
		return;
	stream = ck_copy(id, (size_t)(dot - id));
	path = ck_print("messages/%s.md", stream);
	ck_tokens_of_event(c, event, settle_once, &(struct settling){
			   c, computer, id, hex, path });
	if (commit)
		settle_added(c, computer, commit, id, stream, path);
	free(path);
	free(stream);
}

static void settle(struct check *c, const struct ck_computer *computer,
		   const json_t *event)
{
	const char *id = ck_word(event, "id"), *commit = ck_word(event, "commit");
	long number;
	char *stream;

	if (!strcmp(ck_word(event, "type"), "commit.seen")) {
		ck_rule(c, CK_R15, ck_get(&c->commits, commit) || c->rewound ||
			!c->watched,
			"computer %d: it has seen its commit %.10s on the "
			"branch, where it never was", computer->number, commit);
		return;
	}
	stream = id_parts(id, &number);
	if (stream)
		settle_numbered(c, computer, event, stream, number);
	else
		settle_hand(c, computer, event);
	free(stream);
}

void ck_log_settle(struct check *c, struct ck_computer *computer)
{
	struct ck_list *waiting = &computer->log.waiting;

	for (size_t i = 0; i < waiting->count; i++) {
		settle(c, computer, waiting->items[i]);
		json_decref(waiting->items[i]);
	}
	waiting->count = 0;
}

long ck_all_base(const struct check *c, const struct ck_computer *computer,
		 const char *stream)
{
	const struct ck_commit *start;
	int from, to;

	if (!ck_stream_ends(stream, &from, &to) || to || from < 1 ||
	    from >= CK_COMPUTERS)
		return 0;
	if (!strcmp(computer->all_started, "-"))
		return 0;
	start = ck_get(&c->commits, computer->all_started);
	if (!start)		/* not known yet, or no more: anything goes */
		return LONG_MAX;
	return ck_highest(ck_stream_of(start->last[from], stream));
}
