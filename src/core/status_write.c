/* Writing our own status (status.h), when the cycle commits. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "status_region.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

/* How much of LIMIT_YAML each list may fill. Receipts are what we come back by
 * after a loss, so they come first and may take most. */
enum {
	ROOM_RECEIVED = LIMIT_YAML - 2048,
	ROOM_MISSING = LIMIT_YAML - 1024,
	ROOM_REJECTED = LIMIT_YAML - 512,
	LONGEST_CELL = 300
};
#define CLAIMS_KEY "claims: "
#define CLAIMS_WORDS "Claims in the whole fleet: "

/* Claims stand before them all, and none is ever left out. */
static_assert(CLAIMS_MOST * (CLAIM_NAME + CLAIM_BY + 96) < LIMIT_YAML / 2,
	      "receipts need their room");

/* ---- the line and the table for people ---- */

/* Text from others inside a table: no control byte, no cell, no comment and no
 * tag of its own. */
static void write_cell(struct buf *out, const char *text)
{
	struct buf safe = BUF_INIT;
	size_t len = text_cut(text, strlen(text), LONGEST_CELL);

	text_escape(&safe, text, len, false);
	buf_adds(out, " ");
	for (size_t i = 0; i < safe.len; i++)
		switch (safe.data[i]) {
		case '|':
		case '\\':
			buf_addc(out, '\\');
			buf_addc(out, safe.data[i]);
			break;
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		default:
			buf_addc(out, safe.data[i]);
		}
	if (text[len] != '\0')
		buf_adds(out, "…");
	buf_adds(out, safe.len > 0 ? " |" : "|");
	buf_release(&safe);
}

static void write_table(struct buf *out, const struct status_table *table)
{
	const struct status_row *row;

	if (table->count == 0)
		return;
	buf_adds(out, "| instance | state | load | doing |\n"
		 "|---|---|---|---|\n");
	for (size_t i = 0; i < table->count; i++) {
		row = &table->row[i];
		buf_addc(out, '|');
		write_cell(out, row->instance);
		write_cell(out, row->state);
		buf_printf(out, " %u/%u |", row->load, row->capacity);
		write_cell(out, row->doing != NULL ? row->doing : "");
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
}

static bool is_online(const char *state)
{
	return strcmp(state, "ONLINE") == 0 || strcmp(state, "BUSY") == 0 ||
	       strcmp(state, "DEGRADED") == 0;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Without the daemon nobody knows which instances run. */
static void write_instances(struct buf *out, const struct status_table *table)
{
	size_t known = 0, online = 0, all = 0;

	if (table->count == 0)
		return;
	for (size_t i = 0; i < table->count; i++) {
		const struct status_row *row = &table->row[i];

		known += strcmp(row->state, "unknown") != 0;
		online += row->copies > 1 ? row->online : is_online(row->state);
		all += row->copies > 1 ? row->copies : 1;
	}
	buf_adds(out, " · ");
	if (known > 0)
		buf_printf(out, "%zu of ", online);
	buf_printf(out, "%zu instance%s", all, plural(all));
	if (known > 0)
		buf_adds(out, " online");
}

static void write_tasks(struct buf *out, const struct status_table *table)
{
	unsigned running = table->running, queued = table->queued;

	buf_adds(out, " · ");
	if (running > 0)
		buf_printf(out, "%u task%s in progress", running, plural(running));
	if (running > 0 && queued > 0)
		buf_printf(out, ", %u queued", queued);
	else if (queued > 0)
		buf_printf(out, "%u task%s queued", queued, plural(queued));
	else if (running == 0)
		buf_adds(out, "no tasks");
}

static void write_line(struct buf *out, const struct status *s,
		       const struct status_table *table)
{
	char time[TIME_TEXT];

	time_format(s->updated, time);
	buf_printf(out, "**%s** · %.10s %.5s UTC", computer_state_name(s->state),
		   time, time + 11);
	write_instances(out, table);
	write_tasks(out, table);
	buf_adds(out, "\n\n");
}

static const char *short_name(const struct claim *claim)
{
	return claim_subject(claim->name);
}

static void write_holds(struct buf *out, const struct status *s)
{
	for (size_t i = 0; i < s->claim_count; i++) {
		buf_printf(out, "%s`%s`", i == 0 ? CLAIMS_WORDS : ", ",
			   short_name(&s->claim[i]));
		if (s->claim[i].by[0] != '\0')
			buf_printf(out, " (%s)", s->claim[i].by);
	}
	if (s->claim_count > 0)
		buf_adds(out, "\n\n");
}

/* ---- the YAML for the other computers ---- */

static int by_stream(struct stream_name a, struct stream_name b)
{
	/* People last, as END_HUMAN is the least of all. */
	if ((a.from == END_HUMAN) != (b.from == END_HUMAN))
		return a.from == END_HUMAN ? 1 : -1;
	if (a.from != b.from)
		return a.from < b.from ? -1 : 1;
	return (a.to > b.to) - (a.to < b.to);
}

static int by_receipt(const void *a, const void *b)
{
	const struct receipt *x = a, *y = b;

	return by_stream(x->stream, y->stream);
}

static int by_missing(const void *a, const void *b)
{
	const struct missing *x = a, *y = b;
	int order = by_stream(x->stream, y->stream);

	return order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

static void *sorted_copy(const void *array, size_t count, size_t size,
			 int (*compare)(const void *, const void *))
{
	void *copy = xmalloc(count * size);

	if (count > 0) {
		memcpy(copy, array, count * size);
		qsort(copy, count, size, compare);
	}
	return copy;
}

/* Add ENTRY behind ", " if OUT then has at most ROOM bytes, a few kept for what
 * closes it. */
static bool add_entry(struct buf *out, bool first, const struct buf *entry,
		      size_t room)
{
	if (out->len + entry->len + 8 > room)
		return false;
	if (!first)
		buf_adds(out, ", ");
	buf_addb(out, entry);
	return true;
}

static void write_mark(struct buf *out, const char *mark, bool people)
{
	bool digits = mark[strspn(mark, "0123456789")] == '\0';

	buf_printf(out, digits && !people ? "\"%s\"" : "%s", mark);
}

/* What the lists have no room for, and whoever gave us the status had none for. */
struct left_out {
	struct status more;	/* only .*_more and .cut */
	bool any;		/* of which streams is not known */
};

static void leave_out_before(struct left_out *l, const struct status *s)
{
	l->more.received_more = s->received_more;
	l->more.missing_more = s->missing_more;
	l->more.rejected_more = s->rejected_more;
	for (size_t i = 0; i < s->cut_count; i++)
		status_add_cut(&l->more, s->cut[i], false, 0);
	l->any = s->cut_count == 0 && s->missing_more + s->rejected_more > 0;
}

static void leave_out_rejected(struct left_out *l, const char *id)
{
	struct stream_name stream;
	uint64_t seq;

	if (message_id_parse(span_str(id), &stream, &seq) ||
	    stream_name_parse(span_str(id), &stream)) {
		status_add_cut(&l->more, stream, true, 1);
	} else {
		l->more.rejected_more++;
		l->any = true;
	}
}

static void write_received(struct buf *out, const struct status *s, struct left_out *l)
{
	struct receipt *sorted = sorted_copy(s->received, s->received_count,
					     sizeof(*sorted), by_receipt);
	struct buf entry = BUF_INIT;
	char name[STREAM_NAME];
	size_t i;

	buf_adds(out, "received: {");
	for (i = 0; i < s->received_count; i++) {
		buf_reset(&entry);
		buf_printf(&entry, "%s: ",
			   stream_name_format(sorted[i].stream, name));
		if (sorted[i].mark[0] != '\0')
			write_mark(&entry, sorted[i].mark,
				   sorted[i].stream.from == END_HUMAN);
		else
			buf_printf(&entry, "%llu",
				   (unsigned long long)sorted[i].upto);
		if (!add_entry(out, i == 0, &entry, ROOM_RECEIVED))
			break;
	}
	buf_adds(out, "}\n");
	l->more.received_more += s->received_count - i;
	buf_release(&entry);
	free(sorted);
}

static void write_missing(struct buf *out, const struct status *s, struct left_out *l)
{
	struct missing *sorted = sorted_copy(s->missing, s->missing_count,
					     sizeof(*sorted), by_missing);
	struct buf entry = BUF_INIT;
	char name[STREAM_NAME];
	bool opens;
	size_t i;

	buf_adds(out, "missing: {");
	for (i = 0; i < s->missing_count; i++) {
		if (i > 0 && by_missing(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		opens = i == 0 || by_stream(sorted[i - 1].stream,
					    sorted[i].stream) != 0;
		buf_reset(&entry);
		if (opens)
			buf_printf(&entry, "%s%s: [", i > 0 ? "], " : "",
				   stream_name_format(sorted[i].stream, name));
		buf_printf(&entry, "%llu", (unsigned long long)sorted[i].seq);
		if (!add_entry(out, opens, &entry, ROOM_MISSING))
			break;
	}
	buf_adds(out, i > 0 ? "]}\n" : "}\n");
	for (; i < s->missing_count; i++)
		status_add_cut(&l->more, sorted[i].stream, false, 1);
	buf_release(&entry);
	free(sorted);
}

/* TEXT as one scalar of at most LIMIT bytes, whatever bytes it has. */
static void write_short(struct buf *out, const char *text, size_t limit,
			bool quoted)
{
	struct buf safe = BUF_INIT;
	struct yaml scalar = { .kind = YAML_SCALAR, .quoted = quoted };

	text_escape(&safe, text, text_cut(text, strlen(text), limit), false);
	buf_truncate(&safe, text_cut(safe.data, safe.len, limit));
	scalar.text = safe.data;
	yaml_write_flow(out, &scalar);
	buf_release(&safe);
}

/* Was the id of entry I among those before it? These were written, so they are
 * few. */
static bool written_already(const struct status *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(s->rejected[k].id, s->rejected[i].id) == 0)
			return true;
	return false;
}

static void write_rejected(struct buf *out, const struct status *s, struct left_out *l)
{
	struct buf entry = BUF_INIT;
	bool first = true;
	size_t i;

	buf_adds(out, "rejected: {");
	for (i = 0; i < s->rejected_count; i++) {
		if (written_already(s, i))
			continue;
		buf_reset(&entry);
		write_short(&entry, s->rejected[i].id, MESSAGE_ID, false);
		buf_adds(&entry, ": ");
		write_short(&entry, s->rejected[i].why, STATUS_WHY, true);
		if (!add_entry(out, first, &entry, ROOM_REJECTED))
			break;
		first = false;
	}
	buf_adds(out, "}\n");
	for (; i < s->rejected_count; i++)
		leave_out_rejected(l, s->rejected[i].id);
	buf_release(&entry);
}

/* Those of which not all is listed; left out if they are too many. */
static void write_cut(struct buf *out, const struct left_out *l)
{
	char name[STREAM_NAME];

	if (l->any || l->more.cut_count == 0 || l->more.cut_count > STATUS_CUT)
		return;
	buf_adds(out, ", of: [");
	for (size_t i = 0; i < l->more.cut_count; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "",
			   stream_name_format(l->more.cut[i], name));
	buf_adds(out, "]");
}

static void write_more(struct buf *out, const struct left_out *l)
{
	const struct { const char *name; uint64_t count; } counts[] = {
		{ "received", l->more.received_more },
		{ "missing", l->more.missing_more },
		{ "rejected", l->more.rejected_more },
	};
	bool first = true;

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		if (counts[i].count == 0)
			continue;
		buf_printf(out, "%s%s: %llu", first ? "more: {" : ", ", counts[i].name,
			   (unsigned long long)counts[i].count);
		first = false;
	}
	if (first)
		return;
	write_cut(out, l);
	buf_adds(out, "}\n");
}

static void write_lists(struct buf *out, const struct status *s)
{
	struct left_out l = { .more = STATUS_INIT };

	leave_out_before(&l, s);
	if (s->received_count > 0)
		write_received(out, s, &l);
	if (s->missing_count > 0)
		write_missing(out, s, &l);
	if (s->rejected_count > 0)
		write_rejected(out, s, &l);
	write_more(out, &l);
	status_release(&l.more);
}

static void write_claim(struct buf *out, const struct claim *claim)
{
	buf_printf(out, "%s: {generation: %llu, beat: %llu, lease: ", claim->name,
		   (unsigned long long)claim->generation,
		   (unsigned long long)claim->beat);
	duration_write(out, claim->lease);
	if (claim->by[0] != '\0') {
		buf_adds(out, ", by: ");
		yaml_write(out, claim->by);
	}
	buf_addc(out, '}');
}

static void write_claims(struct buf *out, const struct status *s)
{
	if (s->generation > 0)
		buf_printf(out, "generation: %llu\n",
			   (unsigned long long)s->generation);
	for (size_t i = 0; i < s->claim_count; i++) {
		buf_adds(out, i == 0 ? CLAIMS_KEY "{" : ", ");
		write_claim(out, &s->claim[i]);
	}
	if (s->claim_count > 0)
		buf_adds(out, "}\n");
}

static void write_text(struct buf *out, const char *key, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(out, "%s: ", key);
	write_short(out, text, LIMIT_NAME, false);
	buf_addc(out, '\n');
}

static void write_former(struct buf *out, const struct list *former)
{
	size_t from = former->count > STATUS_FORMER ?
		      former->count - STATUS_FORMER : 0;

	if (former->count == 0)
		return;
	buf_adds(out, "former: [");
	for (size_t i = from; i < former->count; i++) {
		if (i > from)
			buf_adds(out, ", ");
		yaml_write(out, former->item[i]);
	}
	buf_adds(out, "]\n");
}

static void write_yaml(struct buf *out, const struct status *s)
{
	struct buf yaml = BUF_INIT;
	char time[TIME_TEXT];

	buf_printf(&yaml, "format: %llu\ncomputer: %d\n",
		   (unsigned long long)s->format, s->computer);
	write_text(&yaml, "name", s->name);
	buf_adds(&yaml, "clone: ");
	yaml_write(&yaml, s->clone);
	buf_addc(&yaml, '\n');
	write_former(&yaml, &s->former);
	buf_printf(&yaml, "state: %s\nupdated: %s\nheartbeat: ",
		   computer_state_name(s->state), time_format(s->updated, time));
	duration_write(&yaml, s->heartbeat);
	buf_addc(&yaml, '\n');
	write_claims(&yaml, s);
	write_lists(&yaml, s);
	write_text(&yaml, "trine", s->version);
	assert(yaml.len <= LIMIT_YAML);
	buf_addb(out, &yaml);
	buf_release(&yaml);
}

static void write_region(struct buf *out, const struct status *s,
			 const struct status_table *table)
{
	buf_adds(out, REGION_BEGIN " kept by trine; write anywhere outside these "
		 "two lines -->\n");
	write_line(out, s, table);
	write_table(out, table);
	write_holds(out, s);
	buf_adds(out, "<details><summary>for the other computers</summary>\n\n"
		 STATUS_FENCE "\n");
	write_yaml(out, s);
	buf_adds(out, "```\n\n</details>\n" REGION_END "\n");
}

/* ---- the whole file ---- */

static bool says_claims(struct span line)
{
	return text_starts(line, CLAIMS_KEY) || text_starts(line, CLAIMS_WORDS);
}

void status_without_claims(struct buf *out, struct span bytes)
{
	struct span region = status_region(bytes), line;
	bool blank = false;	/* the line behind the one for people */
	size_t pos = 0, start = 0;

	if (region.len == 0) {
		buf_add(out, bytes.p, bytes.len);
		return;
	}
	buf_add(out, bytes.p, (size_t)(region.p - bytes.p));
	for (; text_line(region, &pos, &line); start = pos) {
		if (!says_claims(line) && !(blank && line.len == 0))
			buf_add(out, region.p + start, pos - start);
		blank = text_starts(line, CLAIMS_WORDS);
	}
	buf_add(out, region.p + region.len,
		(size_t)(bytes.p + bytes.len - region.p) - region.len);
}

/* Free text, without the marker lines that are left of a damaged region. */
static void copy_free(struct buf *out, struct span text)
{
	size_t pos = 0, start = 0;
	struct span line;

	for (; text_line(text, &pos, &line); start = pos)
		if (region_marker(line) == MARKER_NONE)
			buf_add(out, text.p + start, pos - start);
}

static bool is_heading(struct span line)
{
	size_t level = 0;

	while (level < line.len && line.p[level] == '#')
		level++;
	return level >= 1 && level <= 6 && level < line.len &&
	       line.p[level] == ' ';
}

/* The end of the first heading's line, outside code; 0 if there is none. */
static size_t behind_heading(struct span text)
{
	size_t pos = text_starts(text, TEXT_MARK) ? strlen(TEXT_MARK) : 0;
	bool code = false;
	struct span line;

	while (text_line(text, &pos, &line))
		if (text_starts(line, "```") || text_starts(line, "~~~"))
			code = !code;
		else if (!code && is_heading(line))
			return pos;
	return 0;
}

static void write_heading(struct buf *out, const struct status *s)
{
	buf_printf(out, "# Computer %d", s->computer);
	if (s->name != NULL) {
		buf_adds(out, " · ");
		text_escape(out, s->name,
			    text_cut(s->name, strlen(s->name), LIMIT_NAME),
			    false);
	}
	buf_addc(out, '\n');
}

/* Into a file without region: heading, blank line, region, blank line. */
static void insert_region(struct buf *out, const struct status *s,
			  const struct status_table *table)
{
	struct buf text = BUF_INIT;
	size_t head;

	buf_addb(&text, out);
	buf_reset(out);
	head = behind_heading(span_of(&text));
	if (head == 0)
		write_heading(out, s);
	else
		buf_add(out, text.data, head);
	if (out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	buf_addc(out, '\n');
	write_region(out, s, table);
	if (head < text.len && text.data[head] != '\n' && text.data[head] != '\r')
		buf_addc(out, '\n');
	buf_add(out, text.data + head, text.len - head);
	buf_release(&text);
}

void status_write(struct buf *out, struct span old, const struct status *s,
		  const struct status_table *table)
{
	struct span region = status_region(old), head, tail;
	struct buf text = BUF_INIT;

	assert(s->computer >= 1 && s->computer <= LIMIT_COMPUTERS);
	assert(s->state != STATE_SYNCING && s->state != STATE_OFFLINE);
	if (region.len == 0) {
		copy_free(&text, old);
		insert_region(&text, s, table);
	} else {
		head = (struct span){ old.p, (size_t)(region.p - old.p) };
		tail.p = region.p + region.len;
		tail.len = old.len - head.len - region.len;
		copy_free(&text, head);
		write_region(&text, s, table);
		copy_free(&text, tail);
	}
	buf_addb(out, &text);
	buf_release(&text);
}
