/*
 * Which computer made a commit, by its trailers, and for which versions of its
 * own files they vouch (vouch.h). Commit writes them, receive reads them.
 */
#include "trine/vouch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trine/digest.h"
#include "trine/mem.h"
#include "trine/text.h"

/* ---- own files ---- */

void own_files_add(struct own_files *f, const char *path, const char *oid)
{
	struct own_file *file;

	assert(strlen(path) < sizeof(file->path));
	assert(strlen(oid) < sizeof(file->oid));
	ARRAY_GROW(f->file, f->count, f->cap);
	file = &f->file[f->count++];
	memset(file, 0, sizeof(*file));
	memcpy(file->path, path, strlen(path));
	memcpy(file->oid, oid, strlen(oid));
}

const char *own_files_get(const struct own_files *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->file[i].path, path) == 0)
			return f->file[i].oid;
	return NULL;
}

void own_files_release(struct own_files *f)
{
	free(f->file);
	memset(f, 0, sizeof(*f));
}

/* As their lines sort: the blank behind a path sorts before every character
 * that a path may have, as its NUL does. */
static int by_line(const void *a, const void *b)
{
	const struct own_file *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c != 0 ? c : strcmp(x->oid, y->oid);
}

void vouch_digest(struct own_files *files, char out[VOUCH_DIGEST])
{
	struct buf lines = BUF_INIT;
	char hex[DIGEST_HEX];

	if (files->count > 1)
		qsort(files->file, files->count, sizeof(*files->file), by_line);
	for (size_t i = 0; i < files->count; i++)
		buf_printf(&lines, "%s %s\n", files->file[i].path,
			   files->file[i].oid);
	digest_hex(lines.data, lines.len, hex);
	memcpy(out, hex, VOUCH_DIGEST - 1);
	out[VOUCH_DIGEST - 1] = '\0';
	buf_release(&lines);
}

/* ---- trailers ---- */

/* `Key: value`: KEY of letters, digits and `-` from the line's start, blanks
 * allowed before the colon. */
static bool split_trailer(struct span line, struct span *key, struct span *value)
{
	size_t n = 0, colon;

	while (n < line.len && ((line.p[n] >= '0' && line.p[n] <= '9') ||
				(line.p[n] >= 'A' && line.p[n] <= 'Z') ||
				(line.p[n] >= 'a' && line.p[n] <= 'z') ||
				line.p[n] == '-'))
		n++;
	colon = n;
	while (colon < line.len && (line.p[colon] == ' ' || line.p[colon] == '\t'))
		colon++;
	if (n == 0 || colon == line.len || line.p[colon] != ':')
		return false;
	*key = (struct span){ line.p, n };
	*value = (struct span){ line.p + colon + 1, line.len - colon - 1 };
	return true;
}

/* The last paragraph of MESSAGE, which is not its first: a subject that looks
 * like a trailer is a subject. */
static bool last_paragraph(struct span message, struct span *out)
{
	struct span line;
	size_t pos = 0, start = 0;
	bool blank = true, preceded = false, found = false;

	for (; text_line(message, &pos, &line); start = pos) {
		if (text_is_blank(line)) {
			preceded = preceded || !blank;
			blank = true;
			continue;
		}
		if (blank) {
			out->p = message.p + start;
			found = preceded;
		}
		out->len = (size_t)(message.p + pos - out->p);
		blank = false;
	}
	return found;
}

/* Lines that git itself writes among trailers. */
static bool written_by_git(struct span line)
{
	return text_starts(line, "Signed-off-by: ") ||
	       text_starts(line, "(cherry picked from commit ");
}

/* git-interpret-trailers(1): all lines are trailers or go on in the next, or
 * one is git's own and at least a quarter are. */
static bool is_trailer_block(struct span paragraph)
{
	struct span line, key, value;
	size_t pos = 0, trailers = 0, others = 0;
	bool git = false, after_trailer = false;

	while (text_line(paragraph, &pos, &line)) {
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			others += !after_trailer;
			continue;
		}
		after_trailer = written_by_git(line) ||
				split_trailer(line, &key, &value);
		git = git || written_by_git(line);
		trailers += after_trailer;
		others += !after_trailer;
	}
	return (trailers > 0 && others == 0) || (git && trailers * 3 >= others);
}

static bool is_hex(struct span s, size_t len)
{
	if (s.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s.p[i] == '\0' || strchr("0123456789abcdef", s.p[i]) == NULL)
			return false;
	return true;
}

static bool read_computer(struct span value, struct trailers *out)
{
	return out->computer == 0 && computer_parse(value, &out->computer);
}

static bool read_clone(struct span value, struct trailers *out)
{
	if (out->clone[0] != '\0' || !clone_id_valid(value))
		return false;
	memcpy(out->clone, value.p, value.len);
	return true;
}

static bool read_files(struct span value, struct trailers *out)
{
	if (out->files[0] != '\0' || !is_hex(value, VOUCH_DIGEST - 1))
		return false;
	memcpy(out->files, value.p, value.len);
	return true;
}

static const struct {
	const char *key;
	bool (*read)(struct span value, struct trailers *out);
} ours[] = {
	{ "Trine-Computer", read_computer },
	{ "Trine-Clone", read_clone },
	{ "Trine-Files", read_files },
};

/* Take VALUE if KEY is one of ours; false if it is not what we write, or was
 * there before. */
static bool take_trailer(struct span key, struct span value,
			 struct trailers *out)
{
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (key.len == strlen(ours[i].key) &&
		    strncasecmp(key.p, ours[i].key, key.len) == 0)
			return ours[i].read(text_trim(value), out);
	return true;
}

static bool read_block(struct span block, struct trailers *out)
{
	struct span line, next, key, value;
	size_t pos = 0, peek;

	while (text_line(block, &pos, &line)) {
		if (!split_trailer(line, &key, &value))
			continue;
		/* A value goes on in indented lines. */
		for (peek = pos; text_line(block, &peek, &next) &&
				 (next.p[0] == ' ' || next.p[0] == '\t');)
			value.len = (size_t)(block.p + peek - value.p);
		if (!take_trailer(key, value, out))
			return false;
	}
	return out->computer != 0 && out->clone[0] != '\0' &&
	       out->files[0] != '\0';
}

bool trailers_parse(struct span message, struct trailers *out)
{
	struct span block = { NULL, 0 };

	memset(out, 0, sizeof(*out));
	if (last_paragraph(message, &block) && is_trailer_block(block) &&
	    read_block(block, out))
		return true;
	memset(out, 0, sizeof(*out));
	return false;
}

void trailers_write(struct buf *out, const struct trailers *t)
{
	buf_printf(out, "Trine-Computer: %d\nTrine-Clone: %s\nTrine-Files: %s\n",
		   t->computer, t->clone, t->files);
}
