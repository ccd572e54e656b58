/*
 * Specialties, and how well a text matches them (trine/store_specialty.h). Asked by
 * local/routes.c: one database in memory for each who decides, no file and no lock.
 */
#include "trine/store_specialty.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sql.h"
#include "trine/list.h"
#include "trine/mem.h"
#include "trine/routing.h"

/* Most words of a text are in no specialty, and asking for one costs. Stems of words keep
 * their first two letters: those that begin otherwise than all that are there are not
 * asked for. What is not ASCII has other forms: with that all are. */
struct beginnings {
	bool all;
	unsigned char bit[256 * 256 / 8];
};

struct specialties {
	struct list text;	/* "" where there is none */
	struct beginnings begins;
	sqlite3 *db;		/* or NULL: no FTS5 */
	sqlite3_stmt *find;
};

/* Porter: "patterns" is "pattern". */
static const char make[] =
	"CREATE VIRTUAL TABLE s USING fts5 (words,"
	" tokenize = 'porter unicode61 remove_diacritics 2');";
static const char add[] = "INSERT INTO s (rowid, words) VALUES (?1, ?2)";
/* bm25 is the less, the better it matches. The marks are bytes that UTF-8 has not. */
static const char find[] =
	"SELECT rowid, -bm25(s), highlight(s, 0, CAST(x'FE' AS TEXT),"
	" CAST(x'FF' AS TEXT)) FROM s WHERE s MATCH ?1";
enum { MARK_BEGIN = 0xfe, MARK_END = 0xff };

static unsigned beginning_of(const char *word)
{
	return (unsigned)(unsigned char)word[0] << 8 | (unsigned char)word[1];
}

static bool is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static void note_beginnings(struct specialties *s, const char *specialty)
{
	struct list words = LIST_INIT;

	routing_words(span_str(specialty), &words);
	/* there may be more than that */
	if (!is_ascii(specialty) || words.count == ROUTING_WORDS)
		s->begins.all = true;
	for (size_t i = 0; i < words.count; i++) {
		unsigned at = beginning_of(words.item[i]);

		s->begins.bit[at / 8] |= (unsigned char)(1u << at % 8);
	}
	list_release(&words);
}

static bool may_be_there(const struct specialties *s, const char *word)
{
	unsigned at = beginning_of(word);

	return s->begins.all || !is_ascii(word) || s->begins.bit[at / 8] >> at % 8 & 1;
}

static int fail(struct specialties *s, struct error *err)
{
	if (sqlite3_errcode(s->db) == SQLITE_NOMEM)
		mem_need(NULL);
	return error_set(err, ERR_INTERNAL, "specialties: %s", sqlite3_errmsg(s->db));
}

static int add_all(struct specialties *s, struct error *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, add, -1, &q, NULL);

	for (size_t i = 0; i < s->text.count && rc == SQLITE_OK; i++) {
		struct binds binds = BINDS(NUMBER(i), TEXT(s->text.item[i]));

		rc = query_bind(q, binds);
		if (rc == SQLITE_OK)
			rc = sqlite3_step(q) == SQLITE_DONE ? sqlite3_reset(q) :
			     SQLITE_ERROR;
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(s->db, find, -1, &s->find, NULL);
	if (rc != SQLITE_OK)
		fail(s, err);
	sqlite3_finalize(q);
	return rc == SQLITE_OK ? 0 : -1;
}

static int open_index(struct specialties *s, struct error *err)
{
	query_prepare_memory();
	if (sqlite3_open_v2(":memory:", &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, make, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return fail(s, err);
	if (add_all(s, err) == -1)
		return -1;
	return sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 :
	       fail(s, err);
}

int specialties_open(struct specialties **out, const char *const *specialty,
		     size_t count, struct error *err)
{
	struct specialties *s = xcalloc(1, sizeof(*s));

	for (size_t i = 0; i < count; i++) {
		list_add(&s->text, specialty[i] != NULL ? specialty[i] : "");
		note_beginnings(s, s->text.item[i]);
	}
	*out = s;
	if (!query_can_search() || open_index(s, err) == 0)
		return 0;
	specialties_close(s);
	*out = NULL;
	return -1;
}

void specialties_close(struct specialties *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->find);
	sqlite3_close(s->db);
	list_release(&s->text);
	free(s);
}

/* ---- matching ---- */

static char *join(const struct list *words)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < words->count; i++)
		buf_printf(&out, "%s%s", i > 0 ? ", " : "", words->item[i]);
	return out.len > 0 ? buf_detach(&out) : NULL;
}

/* What stands between the marks. */
static char *marked_words(const char *text)
{
	struct list words = LIST_INIT;
	char *joined;

	for (const char *p = text; (p = strchr(p, MARK_BEGIN)) != NULL;) {
		const char *end = strchr(++p, MARK_END);
		char *word = xstrndup(p, end != NULL ? (size_t)(end - p) : strlen(p));

		if (list_has(&words, word))
			free(word);
		else
			list_take(&words, word);
	}
	joined = join(&words);
	list_release(&words);
	return joined;
}

/* Quoted, nothing in them means anything to FTS5. */
static void write_expression(const struct specialties *s, const struct list *words,
			     struct buf *out)
{
	for (size_t i = 0; i < words->count; i++)
		if (may_be_there(s, words->item[i]))
			buf_printf(out, "%s\"%s\"", out->len > 0 ? " OR " : "",
				   words->item[i]);
}

static int ask_index(struct specialties *s, const struct list *words,
		     struct specialty_match *out, struct error *err)
{
	struct buf expression = BUF_INIT;
	int rc;

	write_expression(s, words, &expression);
	if (expression.len == 0)
		return 0;
	rc = query_bind(s->find, BINDS(TEXT(expression.data)));
	if (rc == SQLITE_OK)
		rc = SQLITE_ROW;
	while (rc == SQLITE_ROW && (rc = sqlite3_step(s->find)) == SQLITE_ROW) {
		size_t i = (size_t)sqlite3_column_int64(s->find, 0);
		char *text = column_text(s->find, 2);

		out[i].score = sqlite3_column_double(s->find, 1);
		out[i].words = marked_words(text != NULL ? text : "");
		free(text);
	}
	if (rc != SQLITE_DONE)
		fail(s, err);
	sqlite3_reset(s->find);
	buf_release(&expression);
	return rc == SQLITE_DONE ? 0 : -1;
}

static void compare_words(const struct specialties *s, const struct list *words,
			  struct specialty_match *out)
{
	for (size_t i = 0; i < s->text.count; i++) {
		struct list found = LIST_INIT;

		out[i].score = routing_overlap(words, s->text.item[i], &found);
		out[i].words = join(&found);
		list_release(&found);
	}
}

int specialties_match(struct specialties *s, struct span text,
		      struct specialty_match *out, struct error *err)
{
	struct list words = LIST_INIT;
	int rc = 0;

	memset(out, 0, s->text.count * sizeof(*out));
	routing_words(text, &words);
	if (words.count > 0 && s->db != NULL)
		rc = ask_index(s, &words, out, err);
	else if (words.count > 0)
		compare_words(s, &words, out);
	list_release(&words);
	return rc;
}

void specialty_matches_release(struct specialty_match *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(m[i].words);
}
