/* Reading the text of a message (body.h), for cmd_send.c and cmd_reply.c. */
#include "body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/limits.h"
#include "trine/names.h"

static int refuse_size(const char *name, struct error *err)
{
	return error_set(err, ERR_DATA,
			 "%s: a message has at most %d KiB of text; put the rest "
			 "into a file under shared/ and name it", name,
			 LIMIT_BODY / 1024);
}

static int read_input(struct buf *out, struct error *err)
{
	char chunk[8192];
	size_t got;

	while ((got = fread(chunk, 1, sizeof(chunk), stdin)) > 0) {
		if (got > LIMIT_BODY - out->len)
			return refuse_size("standard input", err);
		buf_add(out, chunk, got);
	}
	if (ferror(stdin))
		return error_set(err, ERR_IO, "standard input cannot be read");
	return 0;
}

/* The file that is named may be a link: here a person says which. */
static int read_file(const char *file, struct buf *out, struct error *err)
{
	char *real = file_real(file, err);
	struct file_info info;
	int rc;

	if (real == NULL)
		return -1;
	rc = file_stat(real, &info, err);
	if (rc == 0 && info.regular && info.size > LIMIT_BODY)
		rc = refuse_size(file, err);
	else if (rc == 0)
		rc = file_read(real, LIMIT_BODY, out, NULL, err);
	free(real);
	return rc;
}

/* The second name leads to what is no file, where it is a pipe. */
static bool is_input(const char *file)
{
	return strcmp(file, "-") == 0 || strcmp(file, "/dev/stdin") == 0;
}

int body_read(const char *file, struct buf *out, struct error *err)
{
	if (file == NULL)
		return 0;
	return is_input(file) ? read_input(out, err) : read_file(file, out, err);
}

int body_words(const char *words, struct buf *out, struct error *err)
{
	if (words != NULL && strcmp(words, "-") == 0)
		return read_input(out, err);
	buf_adds(out, words != NULL ? words : "");
	return 0;
}

const char *body_author(void)
{
	const char *name = getenv("TRINE_INSTANCE");

	return name != NULL && plain_name_valid(span_str(name)) ? name : NULL;
}

int body_priority(const char *given, enum message_priority *out,
		  struct error *err)
{
	if (given == NULL || message_priority_parse(span_str(given), out))
		return 0;
	return error_set(err, ERR_USAGE, "\"%.40s\" is no priority: low, normal, "
			 "high, urgent", given);
}
