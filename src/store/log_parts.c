/*
 * The log's parts (log.h): which files they are, and what the first line of one says
 * of those before it.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/append.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

char *log_part_path(const struct log *log, unsigned number, const char *suffix)
{
	if (number == log->start.part && strcmp(suffix, ".jsonl") == 0)
		return xstrdup(log->path);
	return xasprintf("%s/%06u%s", log->folder, number, suffix);
}

/* ---- where an offset is ---- */

static int wrong_part(const char *path, const char *what, struct error *err)
{
	return error_set(err, ERR_DATA, "%s %s", path, what);
}

/* From one part to the one before it, which ends where it starts. */
static int step_back(const struct log *log, struct log_part *part,
		     struct error *err)
{
	char *path = log_part_path(log, part->number - 1, ".jsonl");
	struct error none = ERROR_INIT;
	struct file_info info;
	int rc = 0;

	if (part->number == 1 || file_stat(path, &info, &none) == -1)
		rc = wrong_part(part->number == 1 ? log->folder : path,
				part->number == 1 ? "is not complete" :
				"is missing, a part of the event log: put it back, "
				"or see `trine repair`", err);
	else if (info.size > part->start)
		rc = wrong_part(path, "is longer than it was", err);
	else
		*part = (struct log_part){ part->number - 1,
			part->start - info.size, part->start, -1 };
	free(path);
	return rc;
}

int log_part_find(const struct log *log, uint64_t offset, struct log_part *out,
		  struct error *err)
{
	char *path;

	*out = (struct log_part){ log->start.part, log->start.offset, UINT64_MAX,
				  log->fd };
	while (offset < out->start)
		if (step_back(log, out, err) == -1)
			return -1;
	if (out->number == log->start.part)
		return 0;
	path = log_part_path(log, out->number, ".jsonl");
	out->fd = append_look(path, err);
	free(path);
	return out->fd == -1 ? -1 : 0;
}

void log_part_release(const struct log *log, struct log_part *part)
{
	if (part->fd != log->fd)
		append_close(part->fd);
	part->fd = -1;
}

/* ---- how a part starts ---- */

bool log_line_start(const struct log_line *line, struct log_start *out)
{
	struct fields fields = FIELDS_INIT;
	const struct field *json;

	if (line->damaged || !span_is(line->type, LOG_CONTINUED))
		return false;
	json = fields_read(&fields, line->text);
	*out = (struct log_start){
		.part = (unsigned)get_number(json, "part"),
		.offset = (uint64_t)get_number(json, "start"),
		.view_size = (uint64_t)get_number(json, "view_size"),
		.view_crc = (uint32_t)get_number(json, "view_crc"),
	};
	snprintf(out->before, sizeof(out->before), "%.8s",
		 get_text(json, "before"));
	fields_release(&fields);
	return out->part > 1 && strlen(out->before) == LOG_CRC - 1;
}

json_t *log_start_fields(const struct log_start *start)
{
	json_t *json = json_object();

	put_number(json, "part", start->part);
	put_number(json, "start", start->offset);
	put_text(json, "before", start->before);
	put_number(json, "view_size", start->view_size);
	put_number(json, "view_crc", start->view_crc);
	return json;
}

/* A log that is the first part itself has no part before it; the name may be
 * there since a killed roll-over gave it the file that we have open. */
static bool has_parts_before(const struct log *log)
{
	char *first = xasprintf("%s/%06u.jsonl", log->folder, 1);
	bool has = file_exists(first) && !append_has_name(log->fd, first);

	free(first);
	return has;
}

static int learn_start(struct log *log, struct error *err)
{
	struct log_line line = { .damaged = true };
	struct log_reader r;
	bool sound;
	int result;

	log->start = (struct log_start){ .part = 1 };
	if (log_read(&r, log, 0, err) == -1)
		return -1;
	result = log_next(&r, &line, err);
	sound = log_line_start(&line, &log->start);
	if (!sound) {
		log->start = (struct log_start){ .part = 1 };
		sound = (!line.damaged && line.seq == 1) ||
			!has_parts_before(log);
	}
	log_reader_release(&r);
	if (result == -1)
		return -1;
	return sound ? 0 : error_set(err, ERR_DATA, "%s does not go on from what "
				     "is in %s: `trine repair` mends that",
				     log->path, log->folder);
}

/* ---- opening ---- */

int log_open(struct log *log, const char *dir, struct error *err)
{
	log->path = xasprintf("%s/event-log.jsonl", dir);
	log->folder = xasprintf("%s/log", dir);
	log->fd = append_open_or_look(log->path, &log->read_only, err);
	return log->fd == -1 ? -1 : learn_start(log, err);
}

void log_close(struct log *log)
{
	append_close(log->fd);
	free(log->path);
	free(log->folder);
	*log = (struct log){ .fd = -1 };
}

int log_writable(const struct log *log, struct error *err)
{
	int fd;

	if (!log->read_only)
		return 0;
	fd = append_open(log->path, err);
	if (fd == -1)
		err->code = ERR_IO;
	else
		error_set(err, ERR_AGAIN, "%s could only be read until now: try again",
			  log->path);
	append_close(fd);
	return -1;
}

int log_renew(struct log *log, struct error *err)
{
	struct log now = *log;

	if (append_has_name(log->fd, log->path))
		return 0;
	now.fd = append_open_or_look(log->path, &now.read_only, err);
	if (now.fd == -1)
		return -1;
	if (learn_start(&now, err) == -1) {
		append_close(now.fd);
		return -1;
	}
	append_close(log->fd);
	*log = now;
	return 0;
}
