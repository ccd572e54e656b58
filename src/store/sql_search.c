/*
 * The tables of search.db and the statements on them (words.h). The view is attached as
 * `state`: whatever is not in search.db is in there.
 */
#include "sql.h"
#include "sql_words.h"

#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

/* The words of all messages by their n in the view, and the texts as they were when
 * they came in here: so that another text takes the words of the old one with it.
 * (hashsize: what it gathers in memory.) */
const char sql_search[] =
"BEGIN;"
"CREATE VIRTUAL TABLE word USING fts5 (title, body,"
" tokenize = 'unicode61 remove_diacritics 2');"
"INSERT INTO word (word, rank) VALUES ('hashsize', 8388608);"
/* what of the log is in here, as in the view's table `applied` */
"CREATE TABLE indexed (one INTEGER PRIMARY KEY CHECK (one = 1),"
" offset INTEGER, seq INTEGER, crc TEXT);"
"INSERT INTO indexed VALUES (1, 0, 0, '');"
"PRAGMA user_version = " TEXT_OF(SCHEMA_WORDS) ";"
"COMMIT;";

const char sql_search_state[] = "SELECT offset, seq, crc FROM state.applied";
const char sql_search_position[] = "SELECT offset, seq, crc FROM main.indexed";
const char sql_search_position_set[] =
	"UPDATE main.indexed SET offset = ?1, seq = ?2, crc = ?3";
const char sql_search_repaired[] =
	"SELECT ?1 > 0 AND EXISTS (SELECT 1 FROM state.reworded"
	" WHERE seq > ?1 AND n = 0)";

#define REWORDED "(SELECT n FROM state.reworded WHERE seq > ?1 AND n <= ?1)"
#define TEXTS "INSERT INTO word (rowid, title, body)" \
	" SELECT n, " TITLE("m") ", " BODY("m") " FROM state.message m WHERE "
const char *const sql_search_update[] = {
	"DELETE FROM word WHERE rowid IN " REWORDED,
	TEXTS "n IN " REWORDED,
	TEXTS "n > ?1 ORDER BY n",
	NULL,
};

/* Best match first, then the newest. The inner query chooses, and only what it
 * chose is read again to be shown: a hundred thousand messages may say the same,
 * and marking words costs more than finding them. The marks are bytes that UTF-8
 * has not. */
#define BEST_FIRST " ORDER BY bm25(word, 4.0, 1.0), " SAID " DESC, m.n DESC"
#define MARKS "CAST(x'FE' AS TEXT), CAST(x'FF' AS TEXT)"
#define MATCHES " FROM word CROSS JOIN state.message m ON m.n = word.rowid" \
	" WHERE word MATCH ?1"
const char sql_search_find[] =
	"SELECT m.id, highlight(word, 0, " MARKS "),"
	" snippet(word, 1, " MARKS ", '...', 24)" MATCHES
	" AND +word.rowid IN (SELECT m.n" MATCHES " AND" FILTERED
	 BEST_FIRST " LIMIT ?7)" BEST_FIRST;
