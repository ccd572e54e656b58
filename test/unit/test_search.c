/* Searching: from words to FTS5's language, the index under everything that
 * happens to messages and to its file, and an SQLite without FTS5. */
#include "store_fixture.h"

#include <stdbool.h>
#include <sys/stat.h>

#include "../../src/store/store.h"
#include "trine/limits.h"
#include "trine/store_repair.h"
#include "trine/store_search.h"
#include "trine/text.h"

/* Stands in front of SQLite's own. */
static bool without_fts5;

int sqlite3_compileoption_used(const char *name)
{
	return !(without_fts5 && strcmp(name, "ENABLE_FTS5") == 0);
}

/* ---- words ---- */

static void words_become_an_expression(void **state)
{
	static const struct {
		const char *text, *expression;	/* NULL: no word in it */
	} rows[] = {
		{ "login", "\"login\"" },
		{ "  login\t\npage ", "\"login\" \"page\"" },
		{ "log*", "\"log\"*" },
		{ "log**", "\"log\"*" },
		{ "lo*g", "\"lo\"* \"g\"" },
		{ "*log", "\"log\"" },
		{ "\"login page\"", "\"login page\"" },
		{ "\"login pa\"*", "\"login pa\"*" },
		{ "\"login page", "\"login page\"" },
		{ "say\"login page\"now", "\"say\" \"login page\" \"now\"" },
		{ "a AND b OR NOT c", "\"a\" \"AND\" \"b\" \"OR\" \"NOT\" \"c\"" },
		{ "NEAR(a b, 2)", "\"NEAR(a\" \"b,\" \"2)\"" },
		{ "title:x ^y -z {t}:u + 'v'",
		  "\"title:x\" \"^y\" \"-z\" \"{t}:u\" \"'v'\"" },
		{ "src/login.c", "\"src/login.c\"" },
		{ "-- x ; (", "\"x\"" },
		{ "\303\204rger \346\226\207*", "\"\303\204rger\" \"\346\226\207\"*" },
		{ "", NULL },
		{ " \n", NULL },
		{ "\"", NULL },
		{ "\"\"", NULL },
		{ "*", NULL },
		{ "\"*\"*\"", NULL },
		{ "--- ( ) ; ' `", NULL },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;
		int result = search_expression(span_str(rows[i].text), &out,
					       &err);

		if (rows[i].expression != NULL) {
			assert_int_equal(result, 0);
			assert_string_equal(out.data, rows[i].expression);
		} else {
			assert_int_equal(result, -1);
			assert_int_equal(err.code, ERR_USAGE);
		}
		buf_release(&out);
	}
}

static void too_much_or_no_text_is_refused(void **state)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < LIMIT_SEARCH_WORDS; i++)
		buf_adds(&text, "ab ");
	assert_int_equal(search_expression(span_of(&text), &out, &err), 0);
	buf_adds(&text, "ab");
	assert_int_equal(search_expression(span_of(&text), &out, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	buf_reset(&text);
	while (text.len < LIMIT_SEARCH)
		buf_addc(&text, 'x');
	assert_int_equal(search_expression(span_of(&text), &out, &err), 0);
	buf_addc(&text, 'x');
	assert_int_equal(search_expression(span_of(&text), &out, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(search_expression((struct span){ "a\0b", 3 }, &out,
					   &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(search_expression(span_str("a \377 b"), &out, &err),
			 -1);
	assert_int_equal(err.code, ERR_DATA);
	buf_release(&text);
	buf_release(&out);
}

/* ---- finding ---- */

static void said(const char *stream, uint64_t seq, const char *title,
		 const char *body)
{
	struct message m = make_message(stream, seq, title);
	char id[MESSAGE_ID];

	free(m.body);
	m.body = xstrdup(body);
	m.body_len = strlen(body);
	m.sent += (int64_t)seq;
	message_id_format(m.stream, seq, id);
	if (m.stream.from == 1)
		assert_ok(record_sent(fixture.s, &m, false, &fixture.err));
	else
		assert_ok(record_received(fixture.s, id, &m, "0000beef",
					  "c0ffee", "", "", &fixture.err));
	message_release(&m);
}

/* Ids of the hits, in order; "!" and the code if it fails. */
static const char *find_with(struct search_filter f, const char *text)
{
	static struct buf out = BUF_INIT;
	struct hit_list l;

	buf_reset(&out);
	f.text = text;
	if (view_search(fixture.s, &f, &l, &fixture.err) == -1) {
		buf_printf(&out, "!%d", fixture.err.code);
		return out.data;
	}
	for (size_t i = 0; i < l.count; i++)
		buf_printf(&out, "%s%s", i > 0 ? " " : "", l.item[i].record.id);
	hit_list_release(&l);
	return out.data;
}

static const char *find(const char *text)
{
	return find_with((struct search_filter)SEARCH_FILTER_ALL, text);
}

#define assert_found(text, ids) assert_string_equal(find(text), (ids))

static void words_are_found_best_match_first(void **state)
{
	(void)state;
	begin();
	said("1_TO_2", 1, "The login page", "The button does nothing.\n");
	said("1_TO_2", 2, "Other things",
	     "A long text in which the login is said only once, and far from "
	     "any page, so that it is a worse match than one in a title.\n");
	said("2_TO_1", 1, "Grosser \303\204rger", "\303\234berall.\n");
	said("2_TO_1", 2, "The same twice", "");
	said("2_TO_1", 3, "The same twice", "");
	commit();
	assert_found("login", "1_TO_2.1 1_TO_2.2");
	assert_found("LOGIN page", "1_TO_2.1 1_TO_2.2");
	assert_found("\"login page\"", "1_TO_2.1");
	assert_found("\"page login\"", "");
	assert_found("login nothing", "1_TO_2.1");
	assert_found("butt", "");
	assert_found("butt*", "1_TO_2.1");
	assert_found("arger UBERALL", "2_TO_1.1");
	assert_found("\303\244rger", "2_TO_1.1");
	assert_found("twice", "2_TO_1.3 2_TO_1.2");
	assert_found("\342\206\222", "");
	assert_rebuilt_equal();
	assert_found("login", "1_TO_2.1 1_TO_2.2");
}

static void filters_hold_all_at_once(void **state)
{
	const struct search_filter all = SEARCH_FILTER_ALL;
	const enum message_type task = TYPE_TASK;
	struct search_filter f;
	int64_t sent = FIXTURE_START - 60;

	(void)state;
	begin();
	said("1_TO_2", 1, "hello", "");
	said("2_TO_1", 2, "hello", "");
	said("3_TO_ALL", 3, "hello", "");
	said("HUMAN_TO_1", 4, "hello", "");
	receive_as("2_TO_1.9", "2_TO_1", 9, TYPE_TASK, NULL);
	commit();
#define FIND(text, ...) (f = all, __VA_ARGS__, find_with(f, text))
	assert_string_equal(FIND("hello", f.from = 2), "2_TO_1.2");
	assert_string_equal(FIND("hello", f.to = 2), "1_TO_2.1");
	assert_string_equal(FIND("hello", f.to = END_ALL), "3_TO_ALL.3");
	assert_string_equal(FIND("hello", f.from = END_HUMAN), "HUMAN_TO_1.4");
	assert_string_equal(FIND("hello", f.from = 2, f.to = 2), "");
	assert_string_equal(FIND("hello", f.limit = 2),
			    "HUMAN_TO_1.4 3_TO_ALL.3");
	assert_string_equal(FIND("hello", f.since = sent + 2,
				 f.until = sent + 3), "3_TO_ALL.3 2_TO_1.2");
	assert_string_equal(FIND("here", f.type = &task), "2_TO_1.9");
	assert_string_equal(FIND("hello", f.type = &task), "");
#undef FIND
}

static void what_is_taken_back_is_not_found(void **state)
{
	(void)state;
	begin();
	be_computer(1, "5f3a9c1e");
	said("1_TO_2", 1, "mistaken", "");
	said("1_TO_2", 2, "meant", "");
	commit();
	assert_found("mistaken", "1_TO_2.1");
	begin();
	assert_ok(record_retracted(fixture.s, "1_TO_2.1", &fixture.err));
	assert_ok(record_renumbered(fixture.s, "1_TO_2.2", 1, NULL, &fixture.err));
	commit();
	assert_found("mistaken", "");
	assert_found("meant", "1_TO_2.1");
	begin();
	said("1_TO_2", 2, "again", "");
	store_abort(fixture.s);
	assert_found("again", "");
	assert_rebuilt_equal();
	assert_found("meant", "1_TO_2.1");
}

/* The same id again changes neither the message nor its words. */
static void an_event_that_adds_nothing_adds_no_words(void **state)
{
	struct message m = make_message("1_TO_2", 1, "Hello");

	(void)state;
	begin();
	send_one("1_TO_2", 1);
	assert_ok(record_found(fixture.s, &m, "5f3a9c1e", &fixture.err));
	commit();
	assert_found("hello", "1_TO_2.1");
	assert_rebuilt_equal();
	message_release(&m);
}

static void amend(const char *id, const char *title, const char *body)
{
	struct message m = make_message("2_TO_1", 1, title);

	m.type = TYPE_TASK;
	free(m.body);
	m.body = xstrdup(body);
	m.body_len = strlen(body);
	assert_ok(record_amended(fixture.s, id, &m, &fixture.err));
	message_release(&m);
}

static void receive_task(uint64_t seq)
{
	char id[MESSAGE_ID];

	snprintf(id, sizeof(id), "2_TO_1.%d", (int)seq);
	receive_as(id, "2_TO_1", seq, TYPE_TASK, NULL);
}

static void another_text_has_other_words(void **state)
{
	(void)state;
	begin();
	receive_task(1);
	amend("2_TO_1.1", "secret", "the old text\n");
	commit();
	assert_found("secret", "2_TO_1.1");
	begin();
	amend("2_TO_1.1", "none", "");
	commit();
	assert_found("secret", "");
	assert_found("old", "");
	assert_found("none", "2_TO_1.1");
}

/* ---- the file ---- */

static void put_sql(const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open(fixture_path("search.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

static void copy_file(const char *from, const char *to)
{
	struct buf bytes = BUF_INIT;

	assert_ok(file_read(from, 1 << 28, &bytes, NULL, &fixture.err));
	assert_ok(file_write(to, span_of(&bytes), 0600, &fixture.err));
	buf_release(&bytes);
}

/* fixture_path has one buffer. */
static void copy_in_fixture(const char *from, const char *to)
{
	char *path = xstrdup(fixture_path(from));

	copy_file(path, fixture_path(to));
	free(path);
}

static ino_t file_of_words(void)
{
	struct stat st;

	assert_int_equal(stat(fixture_path("search.db"), &st), 0);
	return st.st_ino;
}

/* Each word with where it stands: what the index says, not how FTS5 stores it. */
static struct list dump_words(void)
{
	struct list out = LIST_INIT;
	sqlite3 *db = NULL;

	assert_found("whatever", "");
	assert_int_equal(sqlite3_open(fixture_path("search.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE VIRTUAL TABLE temp.words USING"
				      " fts5vocab(main, word, instance)", NULL,
				      NULL, NULL), SQLITE_OK);
	dump_rows(db, "words", &out);
	list_sort(&out);
	sqlite3_close(db);
	return out;
}

static size_t assert_words_as_anew(void)
{
	struct list live = dump_words(), anew;
	size_t count = live.count;

	fixture_remove_search();
	anew = dump_words();
	for (size_t i = 0; i < live.count && i < anew.count; i++)
		assert_string_equal(live.item[i], anew.item[i]);
	assert_int_equal(live.count, anew.count);
	list_release(&live);
	list_release(&anew);
	return count;
}

static void random_text(struct chance *chance, char out[64])
{
	snprintf(out, 64, "w%d w%d w%d", (int)chance_below(chance, 30),
		 (int)chance_below(chance, 30), (int)chance_below(chance, 30));
}

static void random_saying(struct chance *chance, uint64_t *ours, uint64_t *theirs)
{
	char text[64], id[MESSAGE_ID];

	random_text(chance, text);
	snprintf(id, sizeof(id), "%s.%d", chance_below(chance, 2) ? "1_TO_2" :
		 "2_TO_1", (int)(1 + chance_below(chance, 20)));
	switch (chance_below(chance, 5)) {
	case 0:
		said("1_TO_2", ++*ours, text, "");
		break;
	case 1:
		receive_task(++*theirs);
		break;
	case 2:
		record_retracted(fixture.s, id, &fixture.err);
		break;
	case 3:
		record_renumbered(fixture.s, id, ++*ours, NULL, &fixture.err);
		break;
	default:
		if (id[0] == '2' && (uint64_t)atoi(id + 7) <= *theirs)
			amend(id, text, "w1");
	}
}

/* Whenever somebody searches, and whichever older file he puts back. */
static void any_course_gives_the_same_words(void **state)
{
	uint64_t ours = 0, theirs = 0;
	struct chance chance;
	bool kept = false;

	(void)state;
	chance_seeded(&chance, 20261127);
	begin();
	be_computer(1, "5f3a9c1e");
	commit();
	for (int round = 0; round < 400; round++) {
		begin();
		for (uint64_t n = chance_below(&chance, 6); n > 0; n--)
			random_saying(&chance, &ours, &theirs);
		if (chance_below(&chance, 6) == 0)
			store_abort(fixture.s);
		else
			commit();
		if (chance_below(&chance, 3) == 0)
			assert_found("whatever", "");
		if (chance_below(&chance, 20) == 0)
			assert_words_as_anew();
		if (chance_below(&chance, 40) == 0) {
			assert_found("whatever", "");
			copy_in_fixture("search.db", "kept");
			kept = true;
		}
		if (kept && chance_below(&chance, 20) == 0)
			copy_in_fixture("kept", "search.db");
		if (chance_below(&chance, 100) == 0)
			assert_ok(store_roll_over(fixture.s, 1, &fixture.err));
	}
	assert_true(assert_words_as_anew() > 100);
	unlink(fixture_path("kept"));
}

static void a_file_that_fits_is_gone_on_with(void **state)
{
	ino_t first;

	(void)state;
	begin();
	said("1_TO_2", 1, "hello", "");
	commit();
	assert_found("hello", "1_TO_2.1");
	first = file_of_words();
	begin();
	said("1_TO_2", 2, "hello", "");
	commit();
	assert_rebuilt_equal();
	assert_found("hello", "1_TO_2.2 1_TO_2.1");
	assert_int_equal(file_of_words(), first);
}

static void a_file_of_no_use_is_made_anew(void **state)
{
	static const char junk[20000] = "this is no database";

	(void)state;
	begin();
	said("1_TO_2", 1, "hello", "");
	commit();
	assert_found("hello", "1_TO_2.1");
	for (size_t at = 0; at < sizeof(junk); at += 500) {
		FILE *f = fopen(fixture_path("search.db"), at == 0 ? "wb" : "r+b");

		assert_non_null(f);
		assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
		assert_true(fwrite(junk, 1, at == 0 ? sizeof(junk) : 500, f) > 0);
		assert_int_equal(fclose(f), 0);
		assert_found("hello", "1_TO_2.1");
		assert_found("hell*", "1_TO_2.1");
	}
	put_sql("PRAGMA user_version = 999");
	assert_found("hello", "1_TO_2.1");
	put_sql("DROP TABLE indexed");
	assert_found("hello", "1_TO_2.1");
	put_sql("DROP TABLE word");
	assert_found("hello", "1_TO_2.1");
	assert_words_as_anew();
}

/* From another log, which may be as long: whoever restores a backup has one. */
static void a_file_of_another_log_is_made_anew(void **state)
{
	struct buf before;

	(void)state;
	begin();
	said("1_TO_2", 1, "hello", "");
	commit();
	before = fixture_log();
	begin();
	said("1_TO_2", 2, "first", "");
	commit();
	assert_found("first", "1_TO_2.2");
	store_close(fixture.s);
	fixture_put_log(before.data, before.len);
	fixture_open();
	assert_found("first", "");
	assert_found("hello", "1_TO_2.1");
	begin();
	said("1_TO_2", 2, "other", "");
	commit();
	assert_found("other", "1_TO_2.2");
	assert_words_as_anew();
	buf_release(&before);
}

/* The log lost an event that had changed a text: the index knows it still. */
static void a_repaired_log_has_its_own_words(void **state)
{
	struct log_repair done;
	struct buf log;
	char *line;

	(void)state;
	begin();
	receive_task(1);
	commit();
	begin();
	amend("2_TO_1.1", "lost", "");
	commit();
	begin();
	said("1_TO_2", 1, "hello", "");
	commit();
	assert_found("lost", "2_TO_1.1");
	store_close(fixture.s);
	log = fixture_log();
	line = strstr(log.data, "message.amended");
	assert_non_null(line);
	*line = '?';
	fixture_put_log(log.data, log.len);
	assert_ok(store_repair(fixture.dir, &fixture.clock, &done, &fixture.err));
	assert_int_equal(done.count, 1);
	unlink(done.kept);
	log_repair_release(&done);
	fixture_open();
	assert_found("lost", "");
	assert_found("hello", "1_TO_2.1");
	assert_words_as_anew();
	buf_release(&log);
}

static void a_file_that_cannot_be_made_is_said(void **state)
{
	struct search_filter f = SEARCH_FILTER_ALL;

	(void)state;
	begin();
	said("1_TO_2", 1, "hello", "");
	commit();
	assert_int_equal(mkdir(fixture_path("search.db"), 0700), 0);
	assert_found("hello", "!74");
	assert_non_null(strstr(fixture.err.text, "--from"));
	f.from = 1;
	assert_string_equal(find_with(f, ""), "1_TO_2.1");
	assert_int_equal(rmdir(fixture_path("search.db")), 0);
	assert_found("hello", "1_TO_2.1");
}

/* ---- what is shown ---- */

static void show(const char *body, const char *text, char **snippet)
{
	struct search_filter f = SEARCH_FILTER_ALL;
	struct hit_list l;

	begin();
	said("1_TO_2", (uint64_t)fixture.time++, "Title", body);
	commit();
	f.text = text;
	f.limit = 1;
	assert_ok(view_search(fixture.s, &f, &l, &fixture.err));
	assert_int_equal(l.count, 1);
	assert_string_equal(l.item[0].title, strcmp(text, "title") == 0 ?
			    "\xfeTitle\xff" : "Title");
	*snippet = xstrdup(l.item[0].snippet);
	hit_list_release(&l);
}

static void a_snippet_is_one_short_line(void **state)
{
	struct buf body = BUF_INIT;
	char *snippet;

	(void)state;
	show("One\r\n\n  two\tthree \n", "two", &snippet);
	assert_string_equal(snippet, "One \xfetwo\xff three");
	free(snippet);
	/* one word as long as a message, blanks, and a match far behind */
	for (int i = 0; i < 100000; i++)
		buf_adds(&body, "\303\244");
	buf_adds(&body, " needle ");
	for (int i = 0; i < 50000; i++)
		buf_addc(&body, '!');
	buf_addc(&body, '\n');
	show(body.data, "needle", &snippet);
	assert_non_null(strstr(snippet, "\xfeneedle\xff"));
	assert_true(strlen(snippet) < 400);
	assert_memory_equal(snippet, "...\303\244", 5);
	free(snippet);
	show("", "title", &snippet);
	assert_string_equal(snippet, "");
	free(snippet);
	buf_release(&body);
}

/* ---- whatever is asked ---- */

static void no_text_makes_an_error_of_sql(void **state)
{
	static const char alphabet[] =
		"ab\"\"*^:(){}+-,' \t\nANDORNOTNEAR\\;%_?1\001\303\244\377";
	char text[40];

	(void)state;
	begin();
	said("1_TO_2", 1, "a b", "and or not near a\n");
	commit();
	srand(7);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = alphabet[(size_t)rand() %
					   (sizeof(alphabet) - 1)];
		text[len < sizeof(text) ? len : sizeof(text) - 1] = '\0';
		if (*find(text) == '!')
			assert_in_range(fixture.err.code, ERR_USAGE, ERR_DATA);
	}
}

/* ---- another SQLite ---- */

static void without_fts5_all_but_search_goes_on(void **state)
{
	(void)state;
	begin();
	said("1_TO_2", 1, "hello", "");
	commit();
	without_fts5 = true;
	assert_found("hello", "!69");
	assert_non_null(strstr(fixture.err.text, "FTS5"));
	fixture_reopen();
	begin();
	said("1_TO_2", 2, "hello", "");
	commit();
	assert_int_equal(sent_count(), 2);
	assert_rebuilt_equal();
	assert_found("hello", "!69");
	without_fts5 = false;
	fixture_reopen();
	assert_found("hello", "1_TO_2.2 1_TO_2.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_an_expression),
		cmocka_unit_test(too_much_or_no_text_is_refused),
		STORE_TEST(words_are_found_best_match_first),
		STORE_TEST(filters_hold_all_at_once),
		STORE_TEST(what_is_taken_back_is_not_found),
		STORE_TEST(an_event_that_adds_nothing_adds_no_words),
		STORE_TEST(another_text_has_other_words),
		STORE_TEST(any_course_gives_the_same_words),
		STORE_TEST(a_file_that_fits_is_gone_on_with),
		STORE_TEST(a_file_of_no_use_is_made_anew),
		STORE_TEST(a_file_of_another_log_is_made_anew),
		STORE_TEST(a_repaired_log_has_its_own_words),
		STORE_TEST(a_file_that_cannot_be_made_is_said),
		STORE_TEST(a_snippet_is_one_short_line),
		STORE_TEST(no_text_makes_an_error_of_sql),
		STORE_TEST(without_fts5_all_but_search_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
