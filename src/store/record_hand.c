/*
 * Streams whose writer has no trine, as events (trine/store.h): the lines read
 * of them, and what becomes of their tasks. apply_hand.c is the other half.
 */
#include <string.h>

#include "store.h"
#include "trine/digest.h"
#include "trine/message_json.h"

/* A file of 1 MiB may have very many lines; a line of the log is bounded. */
enum { LINES_AN_EVENT = 10 * 1000 };

void hand_digest(struct span line, char out[LINE_DIGEST])
{
	char hex[DIGEST_HEX];

	digest_hex(line.p, line.len, hex);
	memcpy(out, hex, LINE_DIGEST - 1);
	out[LINE_DIGEST - 1] = '\0';
}

static json_t *fields_of(struct stream_name stream, const char *commit,
			 enum hand_place place, const struct hand_known *lines,
			 size_t count)
{
	json_t *fields = json_object(), *counts = json_object();

	put_stream(fields, "stream", stream);
	put_text(fields, "commit", commit);
	put_flag(fields, "beside", place == HAND_BESIDE);
	put_flag(fields, "below", place == HAND_BELOW);
	for (size_t i = 0; i < count; i++)
		put_number(counts, lines[i].digest, lines[i].most);
	json_object_set_new(fields, "lines", counts);
	return fields;
}

int record_hand_read(struct store *s, struct stream_name stream,
		     const char *commit, enum hand_place place,
		     const struct hand_known *lines, size_t count,
		     struct error *err)
{
	size_t done = 0;

	do {
		size_t n = count - done < LINES_AN_EVENT ? count - done
							 : LINES_AN_EVENT;

		if (event_record(s, "hand.read", fields_of(stream, commit,
				 place, lines + done, n), err) == -1)
			return -1;
		done += n;
	} while (done < count);
	return 0;
}

int record_amended(struct store *s, const char *id, const struct message *m,
		   struct error *err)
{
	json_t *message = message_to_json(NULL, m), *fields;
	char digest[MESSAGE_DIGEST];

	if (message == NULL)
		return error_set(err, ERR_DATA, "%s is not UTF-8", id);
	fields = json_object();
	message_digest(m, digest);
	put_text(fields, "id", id);
	put_text(fields, "digest", digest);
	json_object_set_new(fields, "message", message);
	return event_record(s, "message.amended", fields, err);
}

int record_ended(struct store *s, const char *id, const char *state,
		 const char *reason, const char *result, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_text(fields, "state", state);
	put_text(fields, "reason", reason);
	put_text(fields, "result", result);
	return event_record(s, "task.ended", fields, err);
}
