/*
 * A computer, the branch, and a cycle, in memory: what src/sync does around the
 * pure functions of src/core, step by step and in its words. The functions
 * that decide are the real ones; of the rules around them each can be switched
 * off, to see that it is needed.
 */
#ifndef PROPERTY_MODEL_H
#define PROPERTY_MODEL_H

#include "property_atoms.h"

#include <stdio.h>

#include "trine/message.h"
#include "trine/owner.h"
#include "trine/repo.h"
#include "trine/resolve.h"
#include "trine/stream.h"
#include "trine/text.h"
#include "trine/vouch.h"

/* Rules of the protocol, by their numbers. */
enum {
	R1 = 1 << 1, R2 = 1 << 2, R3 = 1 << 3, R5 = 1 << 5, R6 = 1 << 6,
	R11 = 1 << 11, R12 = 1 << 12, R14 = 1 << 14, R15 = 1 << 15,
	R17 = 1 << 17, R18 = 1 << 18, R19 = 1 << 19, R21 = 1 << 21,
	R22 = 1 << 22, R25 = 1 << 25, R28 = 1 << 28,
	/* not numbered there, and found with this model */
	ALL_OF_A_BUFFER = 1 << 29,	/* each adopted text is taken off it */
	COPIES_MOVE = 1 << 30,		/* a rebuilt commit holds what it lost */
	DAMAGE_LASTS = 1 << 0		/* until all is put back */
};
static uint32_t off;		/* the rules that do not hold now */

static bool holds(uint32_t rule)
{
	return (off & rule) == 0;
}

/* Each computer writes to the next: a ring, so that all are alike. */
enum { COMPUTERS = 3, STATUS = 0, STREAM = 3, SHARED = 6, HUMAN = 7, PATHS = 8 };
static const char *const path_names[PATHS] = {
	"COMPUTER_1.md", "COMPUTER_2.md", "COMPUTER_3.md",
	"messages/1_TO_2.md", "messages/2_TO_3.md", "messages/3_TO_1.md",
	"shared/notes.md", "messages/HUMAN_TO_1.md",
};
static struct owner owners[PATHS];

static int next_of(int n) { return (n + 1) % COMPUTERS; }
static int before(int n) { return (n + COMPUTERS - 1) % COMPUTERS; }

static struct stream_name stream_of(int n)
{
	return (struct stream_name){ n + 1, next_of(n) + 1 };
}

/* What the log and the desk of a computer hold. Lists and sets are rows. */
struct computer {
	uint32_t desk[PATHS], desk_copies;
	uint32_t published[PATHS];
	uint32_t shown;		/* set: every version published or intended */
	uint32_t versions;	/* set: own ones that own commits carried */
	uint32_t sent;		/* list: bodies, odd if adopted */
	uint32_t received;	/* list: bodies */
	uint32_t made;		/* set: own commits, all forms of them */
	uint32_t latest;	/* list: own commits, newest form */
	uint32_t unpushed;	/* list */
	uint32_t copies;	/* set: versions kept */
	uint32_t upto;		/* commit up to which all is recorded */
	uint32_t read;		/* version of the stream to us read last */
	uint32_t vouched;	/* digest of our newest commit on it */
	uint32_t ref;		/* the tip as the cache knows it */
	uint32_t backups;	/* set: tips that went away */
	uint32_t buffer;	/* own stream, as it is open in an editor */
	uint32_t damaged;	/* the desk is, until all is put back */
};

enum { COUNTS = 20 };
struct world {
	struct computer computer[COMPUTERS];
	uint32_t tip;
	uint32_t alarm;		/* something happened that must not */
	uint32_t ticked;	/* set: lines that are done, as they were */
	uint32_t unheard;	/* an answer to a push got lost */
	uint32_t undone;	/* set: shared lines that a person set back */
	uint8_t count[COUNTS][COMPUTERS + 1];	/* steps taken, by kind */
};

enum alarm { NO_ALARM, ALARM_GAP, ALARM_REUSED, ALARM_RESTORED, ALARM_FAR };

/* --- commits and trees --- */

enum { COMMIT_PARENT, COMMIT_TREE, COMMIT_COMPUTER, COMMIT_DIGEST, COMMIT_DEPTH,
       COMMIT_SALT, COMMIT_WORDS };
enum { TREE_COPIES = PATHS, TREE_WORDS };
enum { COPY_OWNER, COPY_TITLE, COPY_PATH, COPY_TEXT, COPY_WORDS };

static uint32_t commit_word(uint32_t commit, int which)
{
	return commit == 0 ? 0 : words_of(commit)[which];
}

static uint32_t version_at(uint32_t commit, int path)
{
	return commit == 0 ? 0 : words_of(commit_word(commit, COMMIT_TREE))[path];
}

static uint32_t copies_at(uint32_t commit)
{
	return version_at(commit, TREE_COPIES);
}

/* SALT tells apart what only time and committer would. */
static uint32_t make_commit(uint32_t parent, uint32_t tree, int number,
			    uint32_t digest, uint32_t salt)
{
	uint32_t word[COMMIT_WORDS] = { parent, tree, (uint32_t)number, digest,
		commit_word(parent, COMMIT_DEPTH) + 1, salt };

	return row_of(word, COMMIT_WORDS);
}

/* What computer N (from 0) vouches for in this tree. */
static uint32_t digest_of(int n, const uint32_t *tree)
{
	uint32_t key = key_of(MEMORY_DIGEST, (uint32_t)n, tree[STATUS + n],
			      tree[STREAM + n], 0), known;
	struct own_files files = { 0 };
	char digest[VOUCH_DIGEST];

	if (remembers(key, &known))
		return known;
	if (tree[STATUS + n] != 0)
		own_files_add(&files, path_names[STATUS + n],
			      oid_of(tree[STATUS + n]));
	if (tree[STREAM + n] != 0)
		own_files_add(&files, path_names[STREAM + n],
			      oid_of(tree[STREAM + n]));
	vouch_digest(&files, digest);
	own_files_release(&files);
	return remember(key, text_of(span_str(digest)));
}

/* Whose commit is it? -1: a person's. */
static int writer_of(uint32_t commit)
{
	int n = (int)commit_word(commit, COMMIT_COMPUTER) - 1;

	if (n < 0 || !holds(R6))
		return n;
	return digest_of(n, words_of(commit_word(commit, COMMIT_TREE))) ==
	       commit_word(commit, COMMIT_DIGEST) ? n : -1;
}

static bool descends(uint32_t commit, uint32_t from)
{
	while (commit_word(commit, COMMIT_DEPTH) > commit_word(from, COMMIT_DEPTH))
		commit = commit_word(commit, COMMIT_PARENT);
	return commit == from;
}

/* The newest of both histories: 0 if they have nothing in common. */
static uint32_t meeting_point(uint32_t a, uint32_t b)
{
	while (a != b)
		if (commit_word(a, COMMIT_DEPTH) >= commit_word(b, COMMIT_DEPTH))
			a = commit_word(a, COMMIT_PARENT);
		else
			b = commit_word(b, COMMIT_PARENT);
	return a;
}

/* --- streams, by the real functions --- */

/* The message that BODY is; false if none can be made of it. */
static bool compose_message(int n, uint32_t body, bool adopted, uint64_t seq,
			    struct message *m)
{
	struct error err = ERROR_INIT;
	int rc = adopted ? stream_adopt(bytes_of(body), m, &err)
		: message_set_text(m, NULL, bytes_of(body), &err);

	m->stream = stream_of(n);
	m->seq = seq;
	m->sent = 1000;
	return rc == 0;
}

/* The stream of N as its log has it; 0 while nothing was sent. */
static uint32_t render(int n, uint32_t sent)
{
	uint32_t key = key_of(MEMORY_RENDER, (uint32_t)n, sent, 0, 0), known;
	struct buf out = BUF_INIT;

	if (length_of(sent) == 0)
		return 0;
	if (remembers(key, &known))
		return known;
	stream_write_preamble(&out, stream_of(n), 0);
	for (uint32_t i = 0; i < length_of(sent); i++) {
		struct message m = MESSAGE_INIT;
		uint32_t word = words_of(sent)[i];

		compose_message(n, word / 2, word % 2, i + 1, &m);
		buf_addc(&out, '\n');
		message_write(&out, &m);
		message_release(&m);
	}
	return remember(key, text_of_buf(&out));
}

enum { PART_WORDS = 5 };	/* kind, number, body, bytes, damaged */

/* The parts of stream N in TEXT: rows of PART_WORDS, one behind the other. */
static uint32_t parts_of(int n, uint32_t text, bool hand_made)
{
	uint32_t key = key_of(MEMORY_PARTS, (uint32_t)n, text, hand_made, 0);
	uint32_t word[ROW_MOST], known;
	struct stream_file f = { 0 };
	size_t count = 0;

	if (remembers(key, &known))
		return known;
	stream_parse(bytes_of(text), stream_of(n), hand_made, &f);
	for (size_t i = 0; i < f.count && count + PART_WORDS <= ROW_MOST; i++) {
		struct stream_part *p = &f.part[i];
		struct message *m = &p->message;
		bool entry = p->kind == PART_MESSAGE;
		struct span loose = stream_stretch(p->bytes);

		word[count++] = p->kind;
		word[count++] = (uint32_t)(entry ? m->seq : p->seq);
		word[count++] = entry ? text_of((struct span){ m->body,
							m->body_len }) : 0;
		word[count++] = text_of(p->kind == PART_LOOSE ? loose : p->bytes);
		word[count++] = stream_damaged(loose, stream_of(n));
	}
	stream_file_release(&f);
	return remember(key, row_of(word, count));
}

/* --- shared files, by the real functions --- */

/* Keep every line of both: what R17 forbids. */
static void unite_lines(struct span ours, struct span theirs, struct buf *out)
{
	struct span line, other;
	size_t pos = 0;

	buf_add(out, theirs.p, theirs.len);
	while (text_line(ours, &pos, &line)) {
		size_t at = 0;
		bool there = false;

		while (!there && text_line(theirs, &at, &other))
			there = span_equal(line, other);
		if (!there)
			buf_printf(out, "%.*s\n", (int)line.len, line.p);
	}
}

/* 0: they cannot be merged. */
static uint32_t merge(int path, uint32_t base, uint32_t ours, uint32_t theirs)
{
	uint32_t key = key_of(MEMORY_MERGE, base, ours, theirs,
			      (uint32_t)path | off), known;
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	bool clean = true;

	if (remembers(key, &known))
		return known;
	if (path == HUMAN && holds(R17))
		resolve_merge_lines(bytes_of(base), bytes_of(ours),
				    bytes_of(theirs), &out);
	else if (path == HUMAN)
		unite_lines(bytes_of(ours), bytes_of(theirs), &out);
	else if (repo_merge_text(bytes_of(base), bytes_of(ours),
				 bytes_of(theirs), &out, &clean, &err) == -1)
		abort();
	if (!clean)
		buf_release(&out);
	return remember(key, clean ? text_of_buf(&out) : 0);
}

#endif
