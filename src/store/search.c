/*
 * Looking for words in all messages (trine/store.h): FTS5's index `word` of search.db
 * (words.h) answers. mail.c comes here for `trine search`.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/store_search.h"
#include "trine/text.h"
#include "words.h"

static void release_hit(struct hit *hit)
{
	record_release(&hit->record);
	free(hit->title);
	free(hit->snippet);
}

void hit_list_release(struct hit_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		release_hit(&l->item[i]);
	free(l->item);
	*l = (struct hit_list){ 0 };
}

/* ---- what people write, as FTS5 wants it ---- */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* FTS5 keeps letters and digits of any script; a word without is none. */
static bool has_letter(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80 || (c >= '0' && c <= '9') ||
		    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			return true;
	}
	return false;
}

/* The word or "phrase" at *POS, which moves behind it; *PREFIX: a star follows. */
static struct span next_word(struct span text, size_t *pos, bool *prefix)
{
	const char *p = text.p + *pos, *end = text.p + text.len, *star;
	struct span word;

	if (*p == '"') {
		const char *close = memchr(p + 1, '"', (size_t)(end - p) - 1);

		word.p = p + 1;
		word.len = (size_t)((close ? close : end) - word.p);
		p = close ? close + 1 : end;
	} else {
		word.p = p;
		while (p < end && !is_blank(*p) && *p != '"' && *p != '*')
			p++;
		word.len = (size_t)(p - word.p);
	}
	for (star = p; p < end && *p == '*'; p++)
		;
	*prefix = p > star;
	*pos = (size_t)(p - text.p);
	return word;
}

static int check_text(struct span text, struct error *err)
{
	if (text.len > LIMIT_SEARCH)
		return error_set(err, ERR_DATA, "that is too much to search "
				 "for: at most %d bytes", LIMIT_SEARCH);
	if (!text_is_utf8(text.p, text.len))
		return error_set(err, ERR_DATA,
				 "what to search for is not UTF-8 text");
	return 0;
}

int search_expression(struct span text, struct buf *out, struct error *err)
{
	size_t pos = 0, words = 0;

	if (check_text(text, err) == -1)
		return -1;
	while (pos < text.len) {
		struct span word;
		bool prefix;

		if (is_blank(text.p[pos])) {
			pos++;
			continue;
		}
		word = next_word(text, &pos, &prefix);
		if (!has_letter(word))
			continue;
		if (++words > LIMIT_SEARCH_WORDS)
			return error_set(err, ERR_DATA, "that is too much to "
					 "search for: at most %d words",
					 LIMIT_SEARCH_WORDS);
		/* quoted, nothing in it means anything to FTS5 */
		buf_adds(out, words > 1 ? " \"" : "\"");
		buf_add(out, word.p, word.len);
		buf_adds(out, prefix ? "\"*" : "\"");
	}
	return words > 0 ? 0 :
	       error_set(err, ERR_USAGE, "there is no word to search for: "
			 "letters or digits are wanted, or a sender, a type or "
			 "a time");
}

/* ---- what is shown of a text ---- */

enum { SNIPPET = 300, BEFORE_MATCH = 60 };

static bool inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* On one line, with one blank where there were several. */
static void flatten(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool blank = is_blank(text.p[i]);

		if (!blank)
			buf_addc(out, text.p[i]);
		else if (out->len > 0 && out->data[out->len - 1] != ' ')
			buf_addc(out, ' ');
	}
	if (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

/* FTS5 counts words, and one word may be as long as a message. */
static char *cut_around_match(struct span text)
{
	struct buf flat = BUF_INIT, out = BUF_INIT;
	const char *match;
	size_t from = 0, len;

	flatten(&flat, text);
	match = memchr(flat.data, HIT_BEGIN, flat.len);
	if (match != NULL && match - flat.data > SNIPPET - BEFORE_MATCH)
		from = (size_t)(match - flat.data) - BEFORE_MATCH;
	while (inside_character(flat.data[from]))
		from++;
	len = text_cut(flat.data + from, flat.len - from, SNIPPET);
	buf_adds(&out, from > 0 ? "..." : "");
	buf_add(&out, flat.data + from, len);
	buf_adds(&out, from + len < flat.len ? "..." : "");
	buf_release(&flat);
	return buf_detach(&out);
}

/* ---- asking ---- */

enum { ASKED = 7 };

static struct bind end_bind(int end)
{
	return end == END_ANY ? (struct bind)TEXT(NULL) : (struct bind)NUMBER(end);
}

/* The parameters of FILTERED, and what is before and behind them. */
static struct binds ask(const struct search_filter *f, const char *words,
			struct bind out[ASKED])
{
	out[0] = (struct bind)TEXT(words);
	out[1] = end_bind(f->from);
	out[2] = end_bind(f->to);
	out[3] = (struct bind)TEXT(f->type ? message_type_name(*f->type) : NULL);
	out[4] = (struct bind)NUMBER(f->since);
	out[5] = (struct bind)NUMBER(f->until > 0 ? f->until : INT64_MAX);
	out[6] = (struct bind)NUMBER(f->limit > 0 ? (int64_t)f->limit : -1);
	return (struct binds){ out, ASKED };
}

static void add_hit(sqlite3_stmt *q, struct hit_list *out)
{
	struct hit *hit;

	ARRAY_GROW(out->item, out->count, out->cap);
	hit = &out->item[out->count++];
	*hit = (struct hit){ .record.message = MESSAGE_INIT };
	column_copy(q, 0, hit->record.id, sizeof(hit->record.id));
	hit->title = cut_around_match(column_span(q, 1));
	hit->snippet = cut_around_match(column_span(q, 2));
}

/* The record of each; another process may have taken one back just now. */
static int add_records(struct store *s, struct hit_list *l, struct error *err)
{
	struct record_filter one = RECORD_FILTER_ALL;
	struct record_list found;

	for (size_t i = 0; i < l->count; i++) {
		struct hit *hit = &l->item[i];

		one.id = hit->record.id;
		if (view_records(s, &one, &found, err) == -1)
			return -1;
		if (found.count > 0)
			hit->record = found.item[0];
		else
			hit->record.id[0] = '\0';
		free(found.item);
	}
	return 0;
}

static void drop_gone(struct hit_list *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (l->item[i].record.id[0] != '\0')
			l->item[kept++] = l->item[i];
		else
			release_hit(&l->item[i]);
	}
	l->count = kept;
}

static bool is_narrowed(const struct search_filter *f)
{
	return f->from != END_ANY || f->to != END_ANY || f->type != NULL ||
	       f->since != 0 || f->until != 0;
}

/* Without words whatever the rest of F says is looked for. */
static int read_words(const struct search_filter *f, struct buf *out,
		      struct error *err)
{
	if (f->text[0] == '\0' && is_narrowed(f))
		return 0;
	if (!query_can_search())
		return error_set(err, ERR_NOTFOUND, "searching needs an SQLite "
				 "with FTS5, and this one (%s) was built "
				 "without it", sqlite3_libversion());
	return search_expression(span_str(f->text), out, err);
}

/* All that the rest of F lets through. */
static int find_all(struct store *s, const struct search_filter *f,
		    struct hit_list *out, struct error *err)
{
	struct bind asked[ASKED];
	sqlite3_stmt *q = query_start(s, SQL_SEARCH_ALL, ask(f, "", asked), err);
	int result = 0;

	while (query_row(s, q, &result, err))
		add_hit(q, out);
	query_end(q);
	return result;
}

static int find_in(struct words *w, const struct search_filter *f,
		   const char *expression, struct hit_list *out, struct error *err)
{
	struct bind asked[ASKED];
	sqlite3_stmt *q = words_find(w, ask(f, expression, asked), err);
	int result = 0;

	while (words_row(w, q, &result, err))
		add_hit(q, out);
	sqlite3_finalize(q);
	return result;
}

/* An index that is found damaged while it is read is made anew, once: then it is the
 * view that is. */
static int find_words(struct store *s, const struct search_filter *f,
		      const char *expression, struct hit_list *out,
		      struct error *err)
{
	struct words w;
	int rc = words_open(&w, s, err);

	if (rc == 0)
		rc = find_in(&w, f, expression, out, err);
	if (rc == -1 && w.damaged) {
		hit_list_release(out);
		rc = words_renew(&w, err);
		if (rc == 0)
			rc = find_in(&w, f, expression, out, err);
	}
	if (rc == -1 && w.damaged)
		s->damaged = true;
	words_close(&w);
	return rc;
}

int view_search(struct store *s, const struct search_filter *f,
		struct hit_list *out, struct error *err)
{
	struct buf expression = BUF_INIT;
	int result;

	*out = (struct hit_list){ 0 };
	if (read_words(f, &expression, err) == -1)
		return -1;
	result = expression.len == 0 ? find_all(s, f, out, err) :
		 find_words(s, f, expression.data, out, err);
	if (result == 0)
		result = add_records(s, out, err);
	if (result == 0)
		drop_gone(out);
	else
		hit_list_release(out);
	buf_release(&expression);
	return result;
}
