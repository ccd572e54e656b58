/* A file of a stream, by design §4.1. */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TITLE = 200, MOST_BODY = 256 << 10, MOST_HEAD = 8 << 10 };

struct line {
	const char *text;
	size_t size;
};

struct text {
	struct line *lines;
	size_t count;
	bool open;		/* the last line has no newline */
};

static struct text split(const char *text, size_t size)
{
	struct text split = { .open = size && text[size - 1] != '\n' };
	const char *at = text, *end = text + size;
	size_t room = 1;

	for (size_t i = 0; i < size; i++)
		room += text[i] == '\n';
	split.lines = ck_alloc(room * sizeof(*split.lines));
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct line *line = &split.lines[split.count++];

		stop = stop ? stop : end;
		*line = (struct line){ at, (size_t)(stop - at) };
		at = stop + 1;
	}
	return split;
}

static bool is(const struct line *line, const char *text)
{
	return line->size == strlen(text) &&
	       !memcmp(line->text, text, line->size);
}

static bool begins(const struct line *line, const char *text)
{
	size_t size = strlen(text);

	return line->size >= size && !memcmp(line->text, text, size);
}

static bool blank(const struct line *line)
{
	return line->size == 0;
}

/* ---- a message ---- */

struct reading {
	struct ck_file *file;
	const char *stream;
	struct text text;
	size_t at;		/* the next line */
};

static bool wrong(struct reading *reading, size_t line, const char *what)
{
	if (!reading->file->why)
		reading->file->why = ck_print("line %zu: %s", line + 1, what);
	return false;
}

static bool one_of(const char *word, const char *words)
{
	char wanted[32];

	if (strlen(word) > sizeof(wanted) - 3)
		return false;
	wanted[0] = ' ';
	strcpy(wanted + 1, word);
	strcat(wanted, " ");
	return strstr(words, wanted) != NULL;
}

static const char *bad_head(const json_t *head)
{
	if (!one_of(ck_word(head, "type"),
		    " message task alert status result control "))
		return "no such type";
	if (!one_of(ck_word(head, "priority"), " low normal high urgent "))
		return "no such priority";
	if (ck_time(ck_word(head, "sent")) < 0)
		return "`sent` is no time";
	return NULL;
}

/* The number in `id`, which must be of this stream; -1: it is not. */
static long number_of(const char *stream, const char *id)
{
	size_t size = strlen(stream);

	if (strncmp(id, stream, size) || id[size] != '.')
		return -1;
	return ck_number(id + size + 1, NULL);
}

static uint64_t field(uint64_t hash, const char *text, size_t size)
{
	return ck_hash(ck_hash(hash, text, size), "", 1);
}

static uint64_t head_content(uint64_t hash, const char *title, size_t size,
			     const char *type, const char *priority,
			     const char *sent)
{
	hash = field(hash, title, size);
	hash = field(hash, type, strlen(type));
	hash = field(hash, priority, strlen(priority));
	return field(hash, sent, strlen(sent));
}

/* The body is hashed line by line, as it reads without the backslash that keeps
 * a line of it from looking like an end. */
static uint64_t body_line(uint64_t hash, const struct line *line)
{
	size_t slashes = 0;
	const char *text = line->text;

	while (slashes < line->size && text[slashes] == '\\')
		slashes++;
	if (slashes && line->size >= slashes + 6 &&
	    !memcmp(text + slashes, "<!-- /", 6))
		hash = ck_hash(hash, text + 1, line->size - 1);
	else
		hash = ck_hash(hash, text, line->size);
	return ck_hash(hash, "\n", 1);
}

uint64_t ck_message_content(const json_t *message)
{
	const char *title = ck_word(message, "title");
	const json_t *body = json_object_get(message, "body");
	const char *text = json_string_value(body);
	size_t size = json_string_length(body);
	uint64_t hash = head_content(CK_HASH, title, strlen(title),
				     ck_word(message, "type"),
				     ck_word(message, "priority"),
				     ck_word(message, "sent"));

	if (!size)
		return hash;
	hash = ck_hash(hash, text, size);
	return text[size - 1] == '\n' ? hash : ck_hash(hash, "\n", 1);
}

struct entry {			/* where the parts of a message are */
	size_t title, fence, fence_end, body, end;
};

/* Finds its parts, or says at which line it goes wrong. */
static bool find_parts(struct reading *reading, struct entry *entry)
{
	const struct line *lines = reading->text.lines;
	size_t count = reading->text.count, at = reading->at;

	entry->title = at++;
	while (at < count && blank(&lines[at]))
		at++;
	if (at == count || !is(&lines[at], "```yaml message")) {
		reading->file->loose = !reading->file->why;
		return wrong(reading, entry->title, "loose text: a heading");
	}
	entry->fence = at++;
	while (at < count && !is(&lines[at], "```"))
		at++;
	if (at == count)
		return wrong(reading, entry->fence, "the fence has no end");
	entry->fence_end = at++;
	if (at == count || !blank(&lines[at]))
		return wrong(reading, at, "no blank line below the fence");
	entry->body = ++at;
	while (at < count && !begins(&lines[at], "<!-- /"))
		at++;
	entry->end = at;
	if (at == count)
		return wrong(reading, entry->title, "no end line");
	if (!blank(&lines[at - 1]))
		return wrong(reading, at, "no blank line above the end");
	return true;
}

static const char *bad_title(const struct line *title)
{
	size_t characters = 0;

	for (size_t i = 3; i < title->size; i++) {
		unsigned char byte = (unsigned char)title->text[i];

		if (byte < 0x20 || byte == 0x7f)
			return "a control byte in the title";
		characters += (byte & 0xc0) != 0x80;
	}
	return characters > MOST_TITLE ? "a title too long" : NULL;
}

/* Its head, title and end line. */
static bool read_head(struct reading *reading, const struct entry *entry,
		      struct ck_message *message)
{
	const struct line *lines = reading->text.lines;
	const struct line *title = &lines[entry->title];
	const char *from = lines[entry->fence + 1].text, *why, *id;
	size_t size = (size_t)(lines[entry->fence_end].text - from);
	json_t *head = ck_yaml(from, size, MOST_HEAD, &why);
	char *end;
	bool good;

	if (!head)
		return wrong(reading, entry->fence, why);
	id = ck_word(head, "id");
	end = ck_print("<!-- /%s -->", id);
	message->number = number_of(reading->stream, id);
	why = message->number < 1 ? "an id of another stream" :
	      !is(&lines[entry->end], end) ? "the end line of another id" :
	      bad_head(head);
	why = why ? why : bad_title(title);
	message->content = head_content(CK_HASH, title->text + 3,
					title->size - 3,
					ck_word(head, "type"),
					ck_word(head, "priority"),
					ck_word(head, "sent"));
	if (*ck_word(head, "origin"))
		message->origin = ck_print("%s", ck_word(head, "origin"));
	good = !why || wrong(reading, entry->title, why);
	free(end);
	json_decref(head);
	return good;
}

static bool read_body(struct reading *reading, const struct entry *entry,
		      struct ck_message *message)
{
	const struct line *lines = reading->text.lines;
	const char *from = lines[entry->body].text;
	size_t size;

	if (entry->body >= entry->end)		/* one blank line: no body */
		return true;
	size = (size_t)(lines[entry->end - 1].text - from);
	for (size_t i = entry->body; i + 1 < entry->end; i++)
		message->content = body_line(message->content, &lines[i]);
	if (size > MOST_BODY + 4096)
		return wrong(reading, entry->title, "a body too long");
	return ck_is_utf8(from, size) ||
	       wrong(reading, entry->title, "a body that is not UTF-8");
}

static bool read_message(struct reading *reading)
{
	struct ck_file *file = reading->file;
	const struct line *lines = reading->text.lines;
	struct ck_message *message = &file->messages[file->count];
	struct entry entry;
	const char *from = lines[reading->at].text;

	if (!find_parts(reading, &entry) ||
	    !read_head(reading, &entry, message) ||
	    !read_body(reading, &entry, message))
		return false;
	message->bytes = ck_hash(CK_HASH, from, (size_t)
				 (lines[entry.end].text +
				  lines[entry.end].size - from));
	file->count++;
	reading->at = entry.end + 1;
	return true;
}

static bool read_messages(struct reading *reading)
{
	const struct line *lines = reading->text.lines;
	size_t count = reading->text.count;

	while (reading->at < count &&
	       !begins(&lines[reading->at], "<!-- trine:messages"))
		reading->at++;
	if (reading->at++ == count)
		return wrong(reading, 0, "no trine:messages line");
	while (reading->at < count) {
		const struct line *line = &lines[reading->at];

		if (blank(line)) {
			reading->at++;
		} else if (begins(line, "## ")) {
			if (!read_message(reading))
				return false;
		} else {
			reading->file->loose = true;
			return wrong(reading, reading->at, "loose text");
		}
	}
	return true;
}

static size_t most_messages(const struct text *text)
{
	size_t count = 1;

	for (size_t i = 0; i < text->count; i++)
		count += begins(&text->lines[i], "## ");
	return count;
}

struct ck_file *ck_file_read(const char *stream, const char *text, size_t size)
{
	struct ck_file *file = ck_alloc(sizeof(*file));
	struct reading reading = { file, stream, split(text, size), 0 };

	file->size = size;
	file->room = most_messages(&reading.text);
	file->messages = ck_alloc(file->room * sizeof(*file->messages));
	read_messages(&reading);
	if (reading.text.open)
		wrong(&reading, reading.text.count - 1, "no newline at the end");
	free(reading.text.lines);
	return file;
}

void ck_file_free(void *pointer)
{
	struct ck_file *file = pointer;

	if (!file)
		return;
	for (size_t i = 0; i <= file->count && i < file->room; i++)
		free(file->messages[i].origin);
	free(file->messages);
	free(file->why);
	free(file);
}
