/*
 * How conflicts end: rows for what each rule says, then every combination of
 * four versions, flags and owners, held against what must be true of all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/names.h"
#include "trine/resolve.h"
#include "trine/text.h"

enum { SELF = 1, OTHER = 2 };

static const struct owner own = { OWNER_COMPUTER, SELF };
static const struct owner foreign = { OWNER_COMPUTER, OTHER };
static const struct owner own_rule = { OWNER_RULE, SELF };
static const struct owner foreign_rule = { OWNER_RULE, OTHER };
static const struct owner own_conflicts = { OWNER_CONFLICTS, SELF };
static const struct owner other_conflicts = { OWNER_CONFLICTS, OTHER };
static const struct owner shared = { OWNER_SHARED, 0 };

/* Versions are letters: base, ours, theirs, log; '-' is no file. Flags: u
 * ours_unedited, k theirs_known, t template, w was_ours, x theirs_unfit. */
static const struct {
	const char *what;
	const struct owner *owner;
	const char *versions, *flags;
	enum take take;
	enum lost lost;
} rows[] = {
	{ "own, nothing new", &own, "aaaa", "", TAKE_LOG, LOST_NONE },
	{ "own, we wrote", &own, "aaab", "k", TAKE_LOG, LOST_NONE },
	{ "own, somebody else wrote", &own, "aaca", "", TAKE_LOG, LOST_THEIRS },
	{ "own, deleted on the tip", &own, "aa-a", "", TAKE_LOG, LOST_NONE },
	{ "own, deleted here", &own, "a-aa", "", TAKE_LOG, LOST_NONE },
	{ "own, an older one of ours", &own, "bbab", "k", TAKE_LOG, LOST_NONE },
	{ "own, made up by others", &own, "--c-", "", TAKE_LOG, LOST_THEIRS },

	{ "foreign, new on the tip", &foreign, "aab-", "", TAKE_THEIRS, LOST_NONE },
	{ "foreign, edited here", &foreign, "aca-", "", TAKE_THEIRS, LOST_OURS },
	{ "foreign, edited like the tip", &foreign, "abb-", "", TAKE_THEIRS, LOST_NONE },
	{ "foreign, an older one here", &foreign, "bac-", "u", TAKE_THEIRS, LOST_NONE },
	{ "foreign, deleted here", &foreign, "a-a-", "", TAKE_THEIRS, LOST_NONE },
	{ "foreign, deleted on the tip", &foreign, "aa--", "", TAKE_THEIRS, LOST_NONE },
	{ "foreign, made here", &foreign, "-c--", "", TAKE_THEIRS, LOST_OURS },
	{ "foreign by rule, edited", &foreign_rule, "acb-", "", TAKE_THEIRS, LOST_OURS },

	{ "ours by rule, edited", &own_rule, "aba-", "w", TAKE_OURS, LOST_NONE },
	{ "ours by rule, deleted", &own_rule, "a-a-", "w", TAKE_OURS, LOST_NONE },
	{ "ours by rule, made here", &own_rule, "-b--", "w", TAKE_OURS, LOST_NONE },
	{ "ours by rule, somebody wrote", &own_rule, "aac-", "w", TAKE_OURS, LOST_THEIRS },
	{ "ours by rule, a link there", &own_rule, "aac-", "wx", TAKE_OURS, LOST_THEIRS },
	{ "ours by rule, a known one", &own_rule, "aac-", "wk", TAKE_OURS, LOST_NONE },
	{ "ours by rule, deleted there", &own_rule, "aa--", "w", TAKE_OURS, LOST_NONE },
	{ "just ours", &own_rule, "aab-", "", TAKE_THEIRS, LOST_NONE },
	{ "just ours, edited", &own_rule, "acb-", "", TAKE_THEIRS, LOST_OURS },
	{ "just ours, made here", &own_rule, "-c--", "", TAKE_OURS, LOST_NONE },
	{ "just ours, template", &own_rule, "-c--", "tu", TAKE_OURS, LOST_NONE },
	{ "just ours, deleted there", &own_rule, "aa--", "", TAKE_THEIRS, LOST_NONE },

	{ "shared, nothing", &shared, "aaa-", "", TAKE_THEIRS, LOST_NONE },
	{ "shared, they changed", &shared, "aab-", "", TAKE_THEIRS, LOST_NONE },
	{ "shared, we changed", &shared, "aba-", "", TAKE_OURS, LOST_NONE },
	{ "shared, both alike", &shared, "abb-", "", TAKE_THEIRS, LOST_NONE },
	{ "shared, both", &shared, "abc-", "", TAKE_MERGE, LOST_NONE },
	{ "shared, both made", &shared, "-bc-", "", TAKE_MERGE, LOST_NONE },
	{ "shared, we made", &shared, "-b--", "", TAKE_OURS, LOST_NONE },
	{ "shared, they made", &shared, "--b-", "", TAKE_THEIRS, LOST_NONE },
	{ "shared, we deleted", &shared, "a-a-", "", TAKE_OURS, LOST_NONE },
	{ "shared, they deleted", &shared, "aa--", "", TAKE_THEIRS, LOST_NONE },
	{ "shared, we deleted, they changed", &shared, "a-b-", "", TAKE_THEIRS, LOST_NONE },
	{ "shared, we changed, they deleted", &shared, "ab--", "", TAKE_THEIRS, LOST_OURS },
	{ "shared, an older one here", &shared, "bac-", "u", TAKE_THEIRS, LOST_NONE },
	{ "shared, publish not done yet", &shared, "a-a-", "u", TAKE_THEIRS, LOST_NONE },
	{ "shared, made over a link", &shared, "-bc-", "x", TAKE_THEIRS, LOST_OURS },
	{ "shared, a link in its place", &shared, "abc-", "x", TAKE_THEIRS, LOST_OURS },
	{ "shared, its mode alone", &shared, "aba-", "x", TAKE_OURS, LOST_NONE },
	{ "template yields", &shared, "-bc-", "t", TAKE_THEIRS, LOST_NONE },
	{ "template is new", &shared, "-b--", "t", TAKE_OURS, LOST_NONE },
	{ "template is new, as published", &shared, "-b--", "tu", TAKE_OURS, LOST_NONE },

	{ "copy, ours is new", &own_conflicts, "-b--", "", TAKE_OURS, LOST_NONE },
	{ "copy, deleted here", &own_conflicts, "a-a-", "", TAKE_OURS, LOST_NONE },
	{ "copy, deleted there", &own_conflicts, "aa--", "", TAKE_THEIRS, LOST_NONE },
	{ "copy of theirs, deleted here", &other_conflicts, "a-a-", "", TAKE_OURS, LOST_NONE },
	{ "copy, edited here", &other_conflicts, "aba-", "", TAKE_OURS, LOST_NONE },
	{ "copy, edited by both", &own_conflicts, "abc-", "", TAKE_THEIRS, LOST_NONE },
	{ "copy, edited here, deleted there", &own_conflicts, "ab--", "", TAKE_OURS, LOST_NONE },
	{ "copy, deleted here, edited there", &own_conflicts, "a-b-", "", TAKE_THEIRS, LOST_NONE },
};

static const char *version(char letter)
{
	switch (letter) {
	case 'a': return "aaaa";
	case 'b': return "bbbb";
	case 'c': return "cccc";
	case 'm': return "mmmm";
	default: return NULL;
	}
}

static struct versions versions_of(const char *letters, const char *flags)
{
	return (struct versions){
		.base = version(letters[0]),
		.ours = version(letters[1]),
		.theirs = version(letters[2]),
		.log = version(letters[3]),
		.ours_unedited = strchr(flags, 'u') != NULL,
		.theirs_known = strchr(flags, 'k') != NULL,
		.template = strchr(flags, 't') != NULL,
		.was_ours = strchr(flags, 'w') != NULL,
		.theirs_unfit = strchr(flags, 'x') != NULL,
	};
}

static void rules_decide(void **state)
{
	struct versions v;
	struct verdict got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		v = versions_of(rows[i].versions, rows[i].flags);
		got = resolve_path(*rows[i].owner, SELF, &v);
		if (got.take != rows[i].take || got.lost != rows[i].lost)
			fail_msg("%s: take %d, lost %d", rows[i].what,
				 (int)got.take, (int)got.lost);
	}
}

static void versions_compare(void **state)
{
	char same[] = "aaaa";

	(void)state;
	assert_true(version_equal(NULL, NULL));
	assert_true(version_equal("aaaa", same));
	assert_false(version_equal("aaaa", NULL));
	assert_false(version_equal(NULL, "aaaa"));
	assert_false(version_equal("aaaa", "bbbb"));
}

static const char *result_of(struct verdict got, const struct versions *v)
{
	switch (got.take) {
	case TAKE_THEIRS: return v->theirs;
	case TAKE_OURS: return v->ours;
	case TAKE_LOG: return v->log;
	case TAKE_MERGE: return "mmmm";
	}
	return NULL;
}

/* Text TEXT is not gone: it is the result, or kept, or was known before. */
static bool survives(const char *text, const char *result, bool kept, bool known)
{
	return text == NULL || version_equal(text, result) || kept || known;
}

static void check_nothing_lost(struct owner o, const struct versions *v,
			       struct verdict got)
{
	const char *result = result_of(got, v);
	bool ours_known = v->ours_unedited || v->template ||
			  version_equal(v->ours, v->base) ||
			  version_equal(v->ours, v->theirs);
	bool theirs_known = v->theirs_known || version_equal(v->theirs, v->base) ||
			    version_equal(v->theirs, v->log) ||
			    version_equal(v->theirs, v->ours);
	bool ours_rendered = o.kind == OWNER_COMPUTER && o.computer == SELF;

	if (got.take == TAKE_MERGE) {
		/* Both go in; if that fails, the caller keeps ours. */
		assert_non_null(v->ours);
		assert_non_null(v->theirs);
		return;
	}
	/* Under conflicts/ two edits of one copy: no copies of copies. */
	if (o.kind == OWNER_CONFLICTS && v->theirs != NULL)
		ours_known = true;
	if (!ours_rendered)
		assert_true(survives(v->ours, result, got.lost == LOST_OURS,
				     ours_known));
	assert_true(survives(v->theirs, result, got.lost == LOST_THEIRS,
			     theirs_known));
	/* And no copy of what is not lost. */
	if (got.lost == LOST_OURS)
		assert_true(v->ours != NULL && !version_equal(v->ours, result));
	if (got.lost == LOST_THEIRS)
		assert_true(v->theirs != NULL &&
			    !version_equal(v->theirs, result));
}

/* The outcome on the branch and on the desk: nothing more to do. */
static void check_settles(struct owner o, const struct versions *v,
			  struct verdict got)
{
	const char *result = result_of(got, v);
	struct versions again = {
		.base = result, .ours = result, .theirs = result, .log = v->log,
	};
	struct verdict then;

	for (unsigned flags = 0; flags < 16; flags++) {
		again.ours_unedited = flags & 1;
		again.theirs_known = flags & 2;
		again.template = (flags & 4) && result != NULL;
		again.was_ours = flags & 8;
		then = resolve_path(o, SELF, &again);
		assert_true(version_equal(result_of(then, &again), result));
		assert_int_equal(then.lost, LOST_NONE);
		assert_int_not_equal(then.take, TAKE_MERGE);
	}
}

/* Only the owner's own version ever comes out, whoever wrote what. */
static void check_owner_decides(struct owner o, const struct versions *v,
				struct verdict got)
{
	const char *result = result_of(got, v);

	if (o.kind == OWNER_COMPUTER)
		assert_true(version_equal(result, o.computer == SELF ?
					  v->log : v->theirs));
	if (o.kind == OWNER_RULE && o.computer != SELF)
		assert_true(version_equal(result, v->theirs));
	if (o.kind == OWNER_RULE && o.computer == SELF && v->was_ours)
		assert_true(version_equal(result, v->ours));
}

static void all_of(struct owner o, unsigned long *tried)
{
	static const char letters[] = "-abc";
	struct versions v;
	struct verdict got;
	char four[5] = "";

	for (unsigned n = 0; n < 256 * 32; n++) {
		for (unsigned i = 0; i < 4; i++)
			four[i] = letters[n >> 2 * i & 3];
		v = versions_of(four, "");
		v.ours_unedited = n & 256;
		v.theirs_known = n & 512;
		v.template = n & 1024;
		v.was_ours = n & 2048;
		v.theirs_unfit = n & 4096;
		if ((v.template && v.ours == NULL) ||
		    (v.theirs_unfit && v.theirs == NULL))
			continue;
		got = resolve_path(o, SELF, &v);
		check_nothing_lost(o, &v, got);
		check_settles(o, &v, got);
		check_owner_decides(o, &v, got);
		assert_false(v.theirs_unfit && got.take == TAKE_MERGE);
		++*tried;
	}
}

static void every_combination_holds(void **state)
{
	const struct owner *owners[] = {
		&own, &foreign, &own_rule, &foreign_rule, &own_conflicts,
		&other_conflicts, &shared,
	};
	unsigned long tried = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++)
		all_of(*owners[i], &tried);
	assert_int_equal(tried, 7 * (2048 + 2048 * 3 / 4) * 7 / 4);
}

/* Two computers change the same path of computer 1 and sync one after the
 * other, in either order: the branch ends with the same version, and the other
 * one's text is kept. */
static void order_does_not_matter(void **state)
{
	static const enum owner_kind kinds[] = { OWNER_COMPUTER, OWNER_RULE };
	struct versions v;
	struct verdict got;
	const char *tip;
	unsigned copies;

	(void)state;
	for (unsigned n = 0; n < 4; n++) {
		struct owner o = { kinds[n & 1], SELF };

		tip = version('a');
		copies = 0;
		for (int turn = 0; turn < 3; turn++) {
			bool first = (turn == 0) == (n < 2);

			/* Computer 1 has b, computer 2 wrote c into it. */
			v = (struct versions){
				.base = version('a'), .theirs = tip,
				.ours = first ? version('b') : version('c'),
				.log = version('b'), .was_ours = first,
			};
			v.theirs_known = first && !version_equal(tip, "cccc");
			got = resolve_path(o, first ? SELF : OTHER, &v);
			copies += got.lost != LOST_NONE;
			tip = result_of(got, &v);
		}
		assert_string_equal(tip, "bbbb");
		assert_true(copies > 0);
	}
}

static void copies_have_names(void **state)
{
	static const struct {
		const char *path, *text, *name;
	} names[] = {
		{ "COMPUTER_2.md", "x",
		  "20261120T131000Z-COMPUTER_2.md-" },
		{ "shared/backend/deep/er/design-notes.md", "x",
		  "20261120T131000Z-ackend_deep_er_design-notes.md-" },
		{ "shared/notes \xc3\xa4|.md", "x",
		  "20261120T131000Z-shared_notes____.md-" },
		{ "../../../etc/pass\nwd", "x",
		  "20261120T131000Z-.._.._.._etc_pass_wd-" },
		{ "", "", "20261120T131000Z--" },
	};
	char name[COPY_NAME], other[COPY_NAME], path[COPY_NAME + 16];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len = strlen(names[i].name);

		resolve_copy_name(names[i].path, span_str(names[i].text),
				  1795180200, name);
		assert_memory_equal(name, names[i].name, len);
		assert_int_equal(strspn(name + len, "0123456789abcdef"), 8);
		assert_string_equal(name + len + 8, ".md");
		snprintf(path, sizeof(path), "conflicts/1/%s", name);
		assert_null(path_refused(path));
		resolve_copy_name(names[i].path, span_str("other"), 1795180200,
				  other);
		assert_string_not_equal(name, other);
	}
	/* Known by path and text alone: `printf 'p\0text' | sha256sum`. */
	resolve_copy_name("p", span_str("text"), 0, name);
	assert_string_equal(name, "19700101T000000Z-p-d686e329.md");
}

/* ---- lines ---- */

static char *merged(const char *base, const char *ours, const char *theirs)
{
	struct buf out = BUF_INIT;

	resolve_merge_lines(span_str(base), span_str(ours), span_str(theirs),
			    &out);
	return buf_detach(&out);
}

static void lines_merge(void **state)
{
	static const struct {
		const char *base, *ours, *theirs, *out;
	} texts[] = {
		{ "", "", "", "" },
		{ "", "a\n", "", "a\n" },
		{ "", "", "a\n", "a\n" },
		{ "", "a\n", "b\n", "b\na\n" },
		{ "a\n", "", "a\n", "" },
		{ "a\nb\n", "a\n", "b\n", "" },
		{ "a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n" },
		{ "a\nb\nc\n", "a\nx\nb\nc\n", "a\nb\ny\nc\n", "a\nx\nb\ny\nc\n" },
		{ "a\n", "a\nx\n", "a\nx\n", "a\nx\n" },
		{ "a\n", "a\nx\nz\n", "a\nx\ny\n", "a\nx\ny\nz\n" },
		/* A ticked task does not come back, a new one stays. */
		{ "- [ ] one\n- [ ] two\n",
		  "- [x] one\n- [ ] two\n",
		  "- [ ] one\n- [ ] two\n- [ ] three\n",
		  "- [x] one\n- [ ] two\n- [ ] three\n" },
		{ "- [ ] one\n- [ ] two\n",
		  "- [ ] one\n- [ ] two\n- [ ] three\n",
		  "- [x] one\n- [ ] two\n",
		  "- [x] one\n- [ ] two\n- [ ] three\n" },
		/* Text goes below its own task. */
		{ "- [ ] one\n", "- [ ] one\n  more\n", "- [ ] one\n- [ ] two\n",
		  "- [ ] one\n  more\n- [ ] two\n" },
		{ "- [ ] one\n", "- [ ] one\n- [ ] two\n", "- [ ] one\n  more\n",
		  "- [ ] one\n  more\n- [ ] two\n" },
		{ "- [ ] one\n", "- [ ] one\n\tmore\n", "- [ ] one\n- [ ] two\n",
		  "- [ ] one\n\tmore\n- [ ] two\n" },
		{ "h\n- [ ] one\n", "h\n- [ ] one\n  more\n", "h\n- [x] one\n",
		  "h\n- [x] one\n  more\n" },
		/* Twice the same line is two lines. */
		{ "a\na\n", "a\na\na\n", "a\n", "a\na\n" },
		{ "a\n", "a\na\n", "a\na\na\n", "a\na\na\n" },
		/* Blank lines stay with what they stand above. */
		{ "# h\n", "# h\n\none\n", "# h\n\ntwo\n", "# h\n\ntwo\n\none\n" },
		{ "a\n\nb\nc\n", "a\nc\nd\n", "a\n\nb\nc\ne\n", "a\n\nc\ne\nd\n" },
		{ "a\n\n\n", "a\nb\n\n\n", "a\nc\n\n\n", "a\nc\nb\n\n\n" },
		/* Another line end is no other line; no last LF neither. */
		{ "a\nb\n", "a\r\nb\r\nc\r\n", "a\nb\nd\n", "a\nb\nd\nc\r\n" },
		{ "a\n", "a\nb  \n", "a\nb\t \r\nc\n", "a\nb\t \r\nc\n" },
		{ "a\n", "a \nb\n", "a\n\nc\n", "a\n\nc\nb\n" },
		{ "a", "a\nb", "a\nc", "a\nc\nb\n" },
	};
	char *got;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		got = merged(texts[i].base, texts[i].ours, texts[i].theirs);
		if (strcmp(got, texts[i].out) != 0)
			fail_msg("row %zu: '%s'", i, got);
		free(got);
	}
}

/* What both did to it; where its lines stand is open. */
static void what_both_did_is_common(void **state)
{
	static const struct {
		const char *base, *ours, *theirs, *out;
	} texts[] = {
		{ "", "", "", "" },
		{ "", "a\n", "", "" },
		{ "", "a\n", "a\nb\n", "a\n" },
		{ "", "a\na\n", "a\n", "a\n" },
		{ "a\n", "a\nb\nc\n", "a\nc\nd\n", "a\nc\n" },
		{ "a\nb\nc\n", "c\n", "b\nc\n", "c\nb\n" },
		{ "a\nb\n", "a\nb\n", "c\n", "a\nb\n" },
		{ "a\n", "", "", "" },
		{ "# h\n", "# h\n\none\n\n", "# h\n\none\n\ntwo\n",
		  "# h\n\none\n" },
		{ "a\n", "a\r\nb\r\n", "a\nb\n", "a\r\nb\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf out = BUF_INIT;

		resolve_common_lines(span_str(texts[i].base),
				     span_str(texts[i].ours),
				     span_str(texts[i].theirs), &out);
		buf_addc(&out, '\0');
		if (strcmp(out.data, texts[i].out) != 0)
			fail_msg("row %zu: '%s'", i, out.data);
		buf_release(&out);
	}
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *seed >> 33;
}

enum { WORDS = 6 };

/* Up to 12 lines of few words, so that they repeat. */
static void random_text(uint64_t *seed, char out[64])
{
	unsigned lines = next_random(seed) % 12;

	for (unsigned i = 0; i < lines; i++) {
		*out++ = (char)('a' + next_random(seed) % WORDS);
		*out++ = '\n';
	}
	*out = '\0';
}

static void count_words(const char *text, unsigned count[WORDS])
{
	memset(count, 0, WORDS * sizeof(*count));
	for (; *text != '\0'; text++)
		if (*text != '\n')
			count[*text - 'a']++;
}

/* What R17 says of one line, by how often it occurs. */
static void check_count(unsigned b, unsigned o, unsigned t, unsigned got)
{
	if (o >= b && t >= b)
		assert_int_equal(got, o > t ? o : t);
	else if (o <= b && t <= b)
		assert_int_equal(got, o < t ? o : t);
	else
		assert_int_equal(got, o + t - b);
}

static void lines_are_counted(void **state)
{
	unsigned b[WORDS], o[WORDS], t[WORDS], m[WORDS], n[WORDS];
	char base[64], ours[64], theirs[64], *one, *two, *again;
	uint64_t seed = 17;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		random_text(&seed, base);
		random_text(&seed, ours);
		random_text(&seed, theirs);
		one = merged(base, ours, theirs);
		two = merged(base, theirs, ours);
		count_words(base, b);
		count_words(ours, o);
		count_words(theirs, t);
		count_words(one, m);
		count_words(two, n);
		assert_memory_equal(m, n, sizeof(m));
		for (int w = 0; w < WORDS; w++)
			check_count(b[w], o[w], t[w], m[w]);
		again = merged(one, one, one);
		assert_string_equal(again, one);
		free(again);
		again = merged(base, one, one);
		assert_string_equal(again, one);
		free(again);
		again = merged(base, base, theirs);
		assert_string_equal(again, theirs);
		free(again);
		again = merged(base, ours, base);
		assert_string_equal(again, ours);
		free(again);
		free(one);
		free(two);
	}
}

/* Lines of theirs that stay keep their order. */
static void order_is_kept(void **state)
{
	char *got;

	(void)state;
	got = merged("c\nb\na\n", "b\na\nx\nc\n", "a\ny\nb\nz\n");
	assert_string_equal(got, "a\ny\nx\nb\nz\n");
	free(got);
}

static void fill(struct buf *b, unsigned lines, const char *fmt, unsigned mod)
{
	char line[64];

	for (unsigned i = 0; i < lines; i++) {
		snprintf(line, sizeof(line), "%s %u\n", fmt, i % mod);
		buf_adds(b, line);
	}
}

/* A megabyte each, of lines all different, all alike, and in reverse: done in
 * a moment, or the test would run for hours. */
static void large_texts_are_merged(void **state)
{
	struct buf base = BUF_INIT, ours = BUF_INIT, theirs = BUF_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	for (unsigned mod = 1; mod <= 100000; mod *= 10) {
		buf_reset(&base);
		buf_reset(&ours);
		buf_reset(&theirs);
		buf_reset(&out);
		fill(&base, 50000, "a line", mod);
		fill(&ours, 100000, "a line", mod);
		fill(&theirs, 60000, "b line", mod);
		fill(&theirs, 50000, "a line", mod);
		resolve_merge_lines(span_of(&base), span_of(&ours),
				    span_of(&theirs), &out);
		assert_int_equal(out.len, ours.len + theirs.len - base.len);
	}
	buf_reset(&ours);
	buf_reset(&theirs);
	for (int i = 0; i < 512 * 1024; i++) {
		buf_adds(&ours, "x\n");
		buf_adds(&theirs, i % 2 ? "y\n" : "\n\n");
	}
	resolve_merge_lines(span_str("z\n"), span_of(&ours), span_of(&theirs),
			    &out);
	buf_release(&base);
	buf_release(&ours);
	buf_release(&theirs);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_decide),
		cmocka_unit_test(versions_compare),
		cmocka_unit_test(every_combination_holds),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(copies_have_names),
		cmocka_unit_test(lines_merge),
		cmocka_unit_test(what_both_did_is_common),
		cmocka_unit_test(lines_are_counted),
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(large_texts_are_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
