/* The repository: opening, cleaning, refs, blobs, commits, walks and merges; and
 * commits that somebody made by hand to hurt. */
#include "git_fixture.h"

#include "trine/file.h"

static void test_open(void **state)
{
	struct repo *other;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/repo.git", dir);
	OK(repo_open(&other, path, &err));
	repo_close(other);
	/* cut short while it was made */
	snprintf(path, sizeof(path), "%s/half.git", dir);
	assert_int_equal(run_shell("mkdir -p %s/objects; : >%s/HEAD.lock; "
				   ": >%s/config", path, path, path), 0);
	OK(repo_open(&other, path, &err));
	repo_close(other);
	/* not ours */
	snprintf(path, sizeof(path), "%s/full", dir);
	assert_int_equal(run_shell("mkdir %s; echo x >%s/precious", path, path),
			 0);
	assert_int_equal(repo_open(&other, path, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_null(other);
}

static void test_clean(void **state)
{
	static const char *const left[] = {
		"refs/heads/main.lock", "refs/remotes/origin/main.lock",
		"refs/trine/backup/x.lock", "HEAD.lock", "packed-refs.lock",
		"objects/tmp_object_git2_abc123", "objects/pack/pack_git2_x",
		"objects/pack/pack_git2_xidx.lock", "objects/pack/tmp_pack_x",
	};
	struct oid c = COMMIT("", "a.md=1");
	char path[192];

	(void)state;
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		assert_int_equal(run_shell("f=%s/repo.git/%s; mkdir -p "
					   "\"${f%%/*}\"; echo x >$f", dir,
					   left[i]), 0);
	assert_int_equal(repo_ref_set(repo, "refs/heads/main", c.hex, &err),
			 -1);
	assert_int_equal(err.code, ERR_AGAIN);
	OK(repo_clean(repo, &err));
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		snprintf(path, sizeof(path), "%s/repo.git/%s", dir, left[i]);
		assert_false(file_exists(path));
	}
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	assert_true(repo_has(repo, c.hex));
	OK(repo_clean(repo, &err));
}

static void test_refs(void **state)
{
	struct oid c = COMMIT("", "a.md=1"), got;

	(void)state;
	OK(repo_ref_get(repo, "refs/heads/main", &got, &err));
	assert_string_equal(got.hex, "");
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	OK(repo_ref_get(repo, "refs/heads/main", &got, &err));
	assert_string_equal(got.hex, c.hex);
	OK(repo_ref_set(repo, "refs/heads/main", "", &err));
	OK(repo_ref_set(repo, "refs/heads/main", "", &err));
	OK(repo_ref_get(repo, "refs/heads/main", &got, &err));
	assert_string_equal(got.hex, "");
	assert_int_equal(repo_ref_set(repo, "refs/heads/main", "12", &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(repo_ref_get(repo, "no ref", &got, &err), -1);
}

static void test_blobs(void **state)
{
	struct buf b = BUF_INIT;
	struct oid oid, tree = tree_of("", (const char *[]){ "a=1", NULL });

	(void)state;
	OK(repo_blob_write(repo, (struct span){ NULL, 0 }, &oid, &err));
	assert_string_equal(oid.hex, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
	oid = blob("hello");
	OK(repo_blob_read(repo, oid.hex, 5, &b, &err));
	assert_string_equal(b.data, "hello");
	assert_int_equal(repo_blob_read(repo, oid.hex, 4, &b, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(b.len, 0);
	assert_int_equal(repo_blob_read(repo, tree.hex, 100, &b, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	oid.hex[0] ^= 1;
	assert_int_equal(repo_blob_read(repo, oid.hex, 5, &b, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_false(repo_has(repo, oid.hex));
	assert_false(repo_has(repo, "nonsense"));
	assert_int_equal(repo_blob_read(repo, "nonsense", 5, &b, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	buf_release(&b);
}

static void test_commit(void **state)
{
	struct oid root = COMMIT("", "a=1"), c;
	struct commit_info info;

	(void)state;
	OK(repo_commit_read(repo, root.hex, PREFIX, &info, &err));
	assert_string_equal(info.parent.hex, "");
	assert_int_equal(info.parents, 0);
	c = commit_at(root.hex, info.tree.hex, "subject\n\nbody\n", 1234567890);
	commit_info_release(&info);
	OK(repo_commit_read(repo, c.hex, PREFIX, &info, &err));
	assert_string_equal(info.message, "subject\n\nbody\n");
	assert_string_equal(info.author, "Computer 1 <computer-1@example.com>");
	assert_string_equal(info.parent.hex, root.hex);
	assert_int_equal(info.parents, 1);
	assert_int_equal(info.time, 1234567890);
	assert_int_equal(info.trailers.computer, 0);
	assert_false(info.vouched);
	commit_info_release(&info);
	assert_int_equal(repo_commit_write(repo, root.hex, "", "<>", "m", 1,
					   "m", &c, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	c = blob("no commit");
	assert_int_equal(repo_commit_read(repo, c.hex, PREFIX, &info, &err),
			 -1);
	assert_int_equal(err.code, ERR_DATA);
	c.hex[0] ^= 1;
	assert_int_equal(repo_commit_read(repo, c.hex, PREFIX, &info, &err),
			 -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
}

static int add_oid(void *arg, const char *oid, struct error *e)
{
	(void)e;
	buf_printf(arg, "%.4s ", oid);
	return 0;
}

static int stop_at_second(void *arg, const char *oid, struct error *e)
{
	add_oid(arg, oid, e);
	return ((struct buf *)arg)->len > 5;
}

static void assert_walk(const char *tip, const char *hide, size_t count,
			const struct oid *expected)
{
	struct buf got = BUF_INIT, wanted = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		add_oid(&wanted, expected[i].hex, &err);
	OK(repo_walk(repo, tip, hide, add_oid, &got, &err));
	assert_string_equal(got.data, wanted.data);
	buf_release(&got);
	buf_release(&wanted);
}

/* Commits that libgit2's own reader refuses are walked over all the same. */
static struct oid hand_made_commit(const char *parent, const char *rest)
{
	struct oid tree = tree_of("", (const char *[]){ "a=1", NULL }), oid;
	struct buf text = BUF_INIT;

	buf_printf(&text, "tree %s\n", tree.hex);
	if (*parent)
		buf_printf(&text, "parent %s\n", parent);
	buf_adds(&text, rest);
	oid = raw_object(text.data, text.len, GIT_OBJECT_COMMIT);
	buf_release(&text);
	return oid;
}

static void test_hostile_commits(void **state)
{
	static const char *const rests[] = {
		"", "\n", "\nno author\n", "author \n\nx",
		"author A <a> 99999999999999999999 +0000\n"
		"committer A <a> -5 +0000\n\nx",
		"author \x1b[31mred <\x9b> 1 +0000\ncommitter\n\nx",
		"committer A 7\n\n\xff\xfe",
	};
	struct oid chain[ARRAY_LEN(rests)];
	struct commit_info info;
	const char *parent = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rests); i++) {
		chain[i] = hand_made_commit(parent, rests[i]);
		parent = chain[i].hex;
		OK(repo_commit_read(repo, parent, PREFIX, &info, &err));
		assert_null(strchr(info.author, 0x1b));
		assert_null(strchr(info.author, '\n'));
		commit_info_release(&info);
	}
	assert_walk(parent, "", ARRAY_LEN(rests), chain);
	assert_walk(parent, chain[2].hex, ARRAY_LEN(rests) - 3, chain + 3);
}

static struct oid merge_of(const char *first, const char *second, int64_t time)
{
	struct buf rest = BUF_INIT;
	struct oid oid;

	buf_printf(&rest, "parent %s\nauthor A <a> 1 +0000\n"
		   "committer A <a> %lld +0000\n\nmerge\n", second,
		   (long long)time);
	oid = hand_made_commit(first, rest.data);
	buf_release(&rest);
	return oid;
}

static struct oid timed(const char *parent, int64_t time)
{
	struct buf rest = BUF_INIT;
	struct oid oid;

	buf_printf(&rest, "author A <a> 1 +0000\ncommitter A <a> %lld +0000\n"
		   "\nx\n", (long long)time);
	oid = hand_made_commit(parent, rest.data);
	buf_release(&rest);
	return oid;
}

static void test_walk(void **state)
{
	struct oid a = timed("", 100), b = timed(a.hex, 200);
	struct oid c = timed(b.hex, 300), side = timed(a.hex, 250);
	struct oid m = merge_of(c.hex, side.hex, 400), d = timed(m.hex, 500);
	struct buf got = BUF_INIT;
	char wanted[32];

	(void)state;
	assert_walk(d.hex, "", 6, (struct oid[]){ a, b, side, c, m, d });
	assert_walk(d.hex, b.hex, 4, (struct oid[]){ side, c, m, d });
	assert_walk(d.hex, c.hex, 3, (struct oid[]){ side, m, d });
	assert_walk(d.hex, d.hex, 0, NULL);
	assert_walk(side.hex, c.hex, 1, &side);
	assert_walk(c.hex, d.hex, 0, NULL);
	OK(repo_walk_back(repo, d.hex, true, add_oid, &got, &err));
	snprintf(wanted, sizeof(wanted), "%.4s %.4s %.4s %.4s %.4s ", d.hex,
		 m.hex, c.hex, b.hex, a.hex);
	assert_string_equal(got.data, wanted);
	buf_reset(&got);
	OK(repo_walk_back(repo, d.hex, false, add_oid, &got, &err));
	assert_int_equal(got.len, 30);
	buf_reset(&got);
	OK(repo_walk_back(repo, d.hex, false, stop_at_second, &got, &err));
	assert_int_equal(got.len, 10);
	buf_release(&got);
	d.hex[0] ^= 1;
	assert_int_equal(repo_walk(repo, d.hex, "", add_oid, &got, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
}

static void assert_walk_some(const char *tip, const struct list *hide,
			     size_t limit, size_t count,
			     const struct oid *expected)
{
	struct buf got = BUF_INIT, wanted = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		add_oid(&wanted, expected[i].hex, &err);
	OK(repo_walk_some(repo, tip, hide, limit, add_oid, &got, &err));
	assert_string_equal(got.len ? got.data : "", wanted.len ? wanted.data
								: "");
	buf_release(&got);
	buf_release(&wanted);
}

static void test_walk_some(void **state)
{
	struct oid a = timed("", 100), b = timed(a.hex, 200);
	struct oid c = timed(b.hex, 300), side = timed(a.hex, 250);
	struct oid m = merge_of(c.hex, side.hex, 400), d = timed(m.hex, 500);
	struct list hide = LIST_INIT;

	(void)state;
	assert_walk_some(d.hex, &hide, 0, 6,
			 (struct oid[]){ a, b, side, c, m, d });
	assert_walk_some(d.hex, &hide, 2, 2, (struct oid[]){ m, d });
	list_add(&hide, "1234567890123456789012345678901234567890");
	list_add(&hide, b.hex);
	assert_walk_some(d.hex, &hide, 0, 4, (struct oid[]){ side, c, m, d });
	list_add(&hide, side.hex);
	assert_walk_some(d.hex, &hide, 0, 3, (struct oid[]){ c, m, d });
	list_add(&hide, d.hex);
	assert_walk_some(d.hex, &hide, 0, 0, NULL);
	list_release(&hide);
}

/* It sees ours, we do not see its; damaged or too far gone, it is made anew. */
static void test_beside(void **state)
{
	struct repo *ours = repo, *beside;
	struct oid here = blob("ours"), there;
	char path[96], ref[BESIDE_REF], other[BESIDE_REF];

	(void)state;
	snprintf(path, sizeof(path), "%s/beside.git", dir);
	OK(repo_open_beside(&beside, path, ours, &err));
	assert_true(repo_has(beside, here.hex));
	repo = beside;
	there = COMMIT("", "a=theirs");
	repo = ours;
	assert_false(repo_has(ours, there.hex));
	repo_beside_ref("a/b", ref);
	assert_string_not_equal(ref, repo_beside_ref("a/B", other));
	OK(repo_ref_set(beside, ref, there.hex, &err));
	repo_close(beside);
	OK(repo_open_beside(&beside, path, ours, &err));
	assert_true(repo_has(beside, there.hex));
	repo_close(beside);
	assert_int_equal(run_shell("rm -r %s/objects/??", path), 0);
	OK(repo_open_beside(&beside, path, ours, &err));
	OK(repo_ref_get(beside, ref, &there, &err));
	assert_string_equal(there.hex, "");
	repo_close(beside);
	assert_int_equal(run_shell("rm -r %s; echo x >%s", path, path), 0);
	OK(repo_open_beside(&beside, path, ours, &err));
	assert_true(repo_has(beside, here.hex));
	repo_close(beside);
}

/* Clocks that lie: a commit far in the future, one in 1970. */
static void test_walk_skew(void **state)
{
	struct oid c[12], far = timed("", 1), m;

	(void)state;
	for (int i = 0; i < 12; i++)
		c[i] = timed(i ? c[i - 1].hex : far.hex,
			     i == 4 ? 9999999999 : i == 8 ? 0 : 1000 + i);
	for (int i = 0; i < 12; i++)
		assert_walk(c[11].hex, c[i].hex, (size_t)(11 - i), c + i + 1);
	/* a side branch from before the hidden commit */
	m = merge_of(c[11].hex, c[3].hex, 2000);
	assert_walk(m.hex, c[11].hex, 1, &m);
	assert_walk(m.hex, c[9].hex, 3, (struct oid[]){ c[10], c[11], m });
}

static void assert_descends(const char *new_tip, const char *old_tip, bool is)
{
	bool out;

	OK(repo_descends(repo, new_tip, old_tip, &out, &err));
	assert_int_equal(out, is);
}

static void assert_has(struct ancestors *a, const char *old, bool is)
{
	bool out;

	OK(repo_ancestors_have(a, old, &out, &err));
	assert_int_equal(out, is);
}

static void test_descends(void **state)
{
	struct oid a = timed("", 100), b = timed(a.hex, 200);
	struct oid c = timed(b.hex, 300), side = timed(a.hex, 250);
	const struct { const char *new_tip, *old_tip; bool is; } rows[] = {
		{ c.hex, a.hex, true }, { c.hex, c.hex, true },
		{ c.hex, side.hex, false }, { side.hex, c.hex, false },
		{ side.hex, a.hex, true }, { a.hex, c.hex, false },
		{ c.hex, "1234567890123456789012345678901234567890", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_descends(rows[i].new_tip, rows[i].old_tip, rows[i].is);
}

static void break_object(const char *hex)
{
	assert_int_equal(run_shell("f=%s/repo.git/objects/%.2s/%s; [ -f $f ] && "
				   "rm -f $f && echo x >$f", dir, hex, hex + 2), 0);
}

/* A no is no reason to read what both have in common. */
static void test_descends_reads_no_more(void **state)
{
	struct oid c[30], side, merged, m;
	struct ancestors *a;

	(void)state;
	for (int i = 0; i < 30; i++)
		c[i] = timed(i > 0 ? c[i - 1].hex : "", 1000 + i);
	side = timed(c[20].hex, 1022);
	merged = timed(c[15].hex, 1016);
	m = merge_of(side.hex, merged.hex, 1023);
	break_object(c[10].hex);
	assert_descends(c[29].hex, side.hex, false);
	assert_descends(c[29].hex, m.hex, false);
	assert_descends(c[12].hex, c[29].hex, false);
	assert_descends(m.hex, c[29].hex, false);
	a = repo_ancestors(repo, m.hex);
	for (int i = 29; i > 10; i--)
		assert_has(a, c[i].hex, i <= 20);
	repo_ancestors_free(a);
}

/* Forty commits in a row by a computer whose clock was behind, on top of the others
 * and below the last. */
static void test_descends_skew(void **state)
{
	struct oid c[46], side, merged, m;
	struct ancestors *a;

	(void)state;
	for (int i = 0; i < 46; i++)
		c[i] = timed(i > 0 ? c[i - 1].hex : "",
			     i < 4 || i == 45 ? 1000 + i : i);
	side = timed(c[3].hex, 1010);
	merged = timed(c[2].hex, 3);
	m = merge_of(side.hex, merged.hex, 1020);
	for (int i = 0; i < 46; i++) {
		assert_descends(c[45].hex, c[i].hex, true);
		assert_descends(c[44].hex, c[i].hex, i < 45);
		assert_descends(side.hex, c[i].hex, i < 4);
		assert_descends(m.hex, c[i].hex, i < 4);
	}
	assert_descends(c[44].hex, side.hex, false);
	assert_descends(c[45].hex, m.hex, false);
	a = repo_ancestors(repo, c[45].hex);
	assert_has(a, side.hex, false);
	assert_has(a, m.hex, false);
	assert_has(a, merged.hex, false);
	assert_has(a, c[4].hex, true);
	assert_has(a, c[44].hex, true);
	repo_ancestors_free(a);
}

/* Of a history by chance, in whatever order they are asked for. */
enum { SOME = 40 };

static void make_history(struct oid c[SOME], uint64_t behind[SOME], bool lies)
{
	for (unsigned i = 0; i < SOME; i++) {
		unsigned one = i > 0 ? (unsigned)rand() % i : 0;
		unsigned two = i > 0 ? (unsigned)rand() % i : 0;
		int64_t time = i + (lies ? rand() % SOME * SOME : 1000);

		behind[i] = (uint64_t)1 << i;
		if (i == 0 || i % 13 == 12) {
			c[i] = timed("", time);
			continue;
		}
		behind[i] |= behind[one];
		if (one != two && i % 2 == 0) {
			behind[i] |= behind[two];
			c[i] = merge_of(c[one].hex, c[two].hex, time);
		} else {
			c[i] = timed(c[one].hex, time);
		}
	}
}

static void test_ancestors(void **state)
{
	struct oid c[SOME];
	uint64_t behind[SOME];

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 8 * SOME; round++) {
		unsigned tip = round % SOME;
		struct ancestors *a;

		if (tip == 0)
			make_history(c, behind, round > 0);
		a = repo_ancestors(repo, c[tip].hex);
		for (unsigned n = 0; n < 2 * SOME; n++) {
			unsigned old = (unsigned)rand() % SOME;

			assert_has(a, c[old].hex, behind[tip] >> old & 1);
		}
		assert_has(a, "1234567890123456789012345678901234567890", false);
		repo_ancestors_free(a);
	}
}

/* The walk has passed all of them when it has come to the first: none is looked at
 * once more, those that are no ancestors neither. */
static void test_ancestors_walk_once(void **state)
{
	struct oid c[30], side;
	struct ancestors *a;

	(void)state;
	for (int i = 0; i < 30; i++)
		c[i] = timed(i > 0 ? c[i - 1].hex : "", 1000 + i);
	side = timed(c[3].hex, 1005);
	a = repo_ancestors(repo, c[28].hex);
	assert_has(a, c[0].hex, true);
	assert_has(a, side.hex, false);
	assert_has(a, c[29].hex, false);
	outline_cache_free(repo->outlines);
	repo->outlines = NULL;
	for (int i = 0; i < 30; i++) {
		assert_has(a, c[i].hex, i < 29);
		assert_has(a, side.hex, false);
	}
	assert_null(repo->outlines);
	repo_ancestors_free(a);
}

static void test_merge(void **state)
{
	static const struct { const char *base, *ours, *theirs, *merged; }
	rows[] = {
		{ "a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n",
		  "A\nb\nc\nD\n" },
		{ "a\nb\n", "a\nb\n", "x\nb\n", "x\nb\n" },
		{ "a\n", "b\n", "c\n", NULL },
		{ "", "a\n", "a\n", "a\n" },
		{ "", "a\n", "b\n", NULL },
		{ "a\nb\n", "", "", "" },
		{ "a\n", "a\n", "", "" },
	};
	struct buf out = BUF_INIT;
	bool clean;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OK(repo_merge_text(span_str(rows[i].base),
				   span_str(rows[i].ours),
				   span_str(rows[i].theirs), &out, &clean,
				   &err));
		assert_int_equal(clean, rows[i].merged != NULL);
		assert_string_equal(out.data,
				    rows[i].merged ? rows[i].merged : "");
	}
	buf_release(&out);
}

static void fill_lines(struct buf *out, unsigned seed)
{
	while (out->len < LIMIT_FILE - 16) {
		seed = seed * 1103515245 + 12345;
		buf_printf(out, "%u\n", seed >> 20);
	}
}

/* Texts made to be hard to compare end in time too. */
static void test_merge_time(void **state)
{
	struct buf text[3] = { BUF_INIT, BUF_INIT, BUF_INIT }, out = BUF_INIT;
	double start = seconds();
	bool clean;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		fill_lines(&text[i], i + 1);
	OK(repo_merge_text(span_of(&text[0]), span_of(&text[1]),
			   span_of(&text[2]), &out, &clean, &err));
	OK(repo_diff_text(span_of(&text[0]), span_of(&text[1]), 1000, &out,
			  &err));
	assert_true(seconds() - start < 60);
	for (unsigned i = 0; i < 3; i++)
		buf_release(&text[i]);
	buf_release(&out);
}

static void test_diff_text(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	OK(repo_diff_text(span_str("a\nb\nc\n"), span_str("a\nx\nc\n"), 1000,
			  &out, &err));
	assert_string_equal(out.data, "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
	OK(repo_diff_text(span_str("a\nb\nc\n"), span_str("a\nx\nc\n"), 22,
			  &out, &err));
	assert_string_equal(out.data, "@@ -1,3 +1,3 @@\n a\n-b\n");
	OK(repo_diff_text(span_str("a\n"), span_str("a\n"), 22, &out, &err));
	assert_string_equal(out.data, "");
	OK(repo_diff_text(span_str(""), span_str("a"), 1000, &out, &err));
	assert_string_equal(out.data, "@@ -0,0 +1 @@\n+a\n"
			    "\\ No newline at end of file\n");
	buf_release(&out);
}

/* Enough loose objects for git to find it worth while. */
static void test_pack(void **state)
{
	struct oid c = COMMIT("", "a=1");
	char text[32];

	(void)state;
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "%d\n", i);
		blob(text);
	}
	assert_int_equal(run_shell("git --git-dir=%s/repo.git config gc.auto "
				   "10", dir), 0);
	assert_false(repo_pack(repo, 0));
	OK(repo_clean(repo, &err));
	assert_int_equal(run_shell("test -z \"$(ls %s/repo.git/objects/pack)\"",
				   dir), 0);
	assert_true(repo_pack(repo, 60000));
	assert_int_equal(run_shell("test -n \"$(ls %s/repo.git/objects/pack)\"",
				   dir), 0);
	assert_true(repo_has(repo, c.hex));
	assert_file(c.hex, "a", "1");
}

/* What was packed once and is large is not written again. */
static void test_pack_of_a_large_one(void **state)
{
	static char text[1024 * 1024];
	uint64_t random = 88172645463325252;
	char name[16], spec[32];
	struct oid c = { "" };

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct tree_edit edit = { .path = name };
		struct oid tree;

		for (size_t k = 0; k < sizeof(text); k++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			text[k] = (char)random;
		}
		snprintf(name, sizeof(name), "f%d", i);
		OK(repo_blob_write(repo, (struct span){ text, sizeof(text) },
				   &edit.oid, &err));
		OK(repo_edit(repo, c.hex, "", &edit, 1, &tree, &err));
		OK(repo_commit_write(repo, tree.hex, c.hex, "A", "a@b", 1700000000,
				     "x", &c, &err));
	}
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	assert_int_equal(run_shell("cd %s/repo.git && "
				   "git repack -a -d -q --window=0 && "
				   "ls objects/pack/*.pack >large && "
				   "git config gc.autoPackLimit 5", dir), 0);
	for (int i = 0; i < 8; i++) {
		snprintf(spec, sizeof(spec), "small=%d", i);
		c = COMMIT(c.hex, spec);
		OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
		assert_int_equal(run_shell("cd %s/repo.git && git repack -d -q",
					   dir), 0);
	}
	assert_true(repo_pack(repo, 60000));
	assert_int_equal(run_shell("cd %s/repo.git && "
				   "test -e $(cat large) && "
				   "test $(ls objects/pack/*.pack | wc -l) = 2",
				   dir), 0);
}

/* Two lines that have merged each other have two commits in common. */
static void test_merge_bases(void **state)
{
	struct oid root = COMMIT("", "a=1"), a = COMMIT(root.hex, "a=2");
	struct oid b = COMMIT(root.hex, "b=1"), ours, theirs;
	char *ab[] = { a.hex, b.hex }, *ba[] = { b.hex, a.hex };
	const struct list first = { ab, 2, 2 }, second = { ba, 2, 2 };
	struct list found = LIST_INIT, parents = LIST_INIT;
	struct oid tree = tree_of(a.hex, (const char *const[]){ "b=1", NULL });

	(void)state;
	OK(repo_merge_write(repo, tree.hex, &first, "A", "a@b", 1700000100,
			    "x", &ours, &err));
	OK(repo_merge_write(repo, tree.hex, &second, "A", "a@b", 1700000100,
			    "x", &theirs, &err));
	OK(repo_parents(repo, ours.hex, &parents, &err));
	assert_int_equal(parents.count, 2);
	assert_string_equal(parents.item[1], b.hex);
	OK(repo_merge_bases(repo, ours.hex, theirs.hex, &found, &err));
	assert_int_equal(found.count, 2);
	assert_true(list_has(&found, a.hex));
	assert_true(list_has(&found, b.hex));
	list_release(&found);
	OK(repo_merge_bases(repo, ours.hex, a.hex, &found, &err));
	assert_int_equal(found.count, 1);
	assert_string_equal(found.item[0], a.hex);
	list_release(&found);
	root = COMMIT("", "c=1");
	OK(repo_merge_bases(repo, root.hex, a.hex, &found, &err));
	assert_int_equal(found.count, 0);
	list_release(&parents);
}

/* git itself finds nothing wrong with what we write. */
static void test_fsck(void **state)
{
	struct oid one = COMMIT("", "a.md=1", "a/x=1", "a-b=2", "m/y.md=3");
	struct oid two = COMMIT(one.hex, "m/y.md", "m/z.md=4", "a.md=2");

	(void)state;
	OK(repo_ref_set(repo, "refs/heads/main", two.hex, &err));
	assert_int_equal(run_shell("git --git-dir=%s/repo.git fsck --strict "
				   "--no-dangling 2>&1 | "
				   "grep -v '^notice' >&2; test $? = 1", dir),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_REPO(test_open),
		IN_REPO(test_clean),
		IN_REPO(test_refs),
		IN_REPO(test_blobs),
		IN_REPO(test_commit),
		IN_REPO(test_hostile_commits),
		IN_REPO(test_walk),
		IN_REPO(test_walk_some),
		IN_REPO(test_beside),

		IN_REPO(test_walk_skew),
		IN_REPO(test_descends),
		IN_REPO(test_descends_reads_no_more),
		IN_REPO(test_descends_skew),
		IN_REPO(test_ancestors),
		IN_REPO(test_ancestors_walk_once),
		IN_REPO(test_merge),
		IN_REPO(test_merge_time),
		IN_REPO(test_diff_text),
	};
	const struct CMUnitTest with_git[] = {
		IN_REPO(test_pack),
		IN_REPO(test_pack_of_a_large_one),
		IN_REPO(test_merge_bases),
		IN_REPO(test_fsck),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, start_git, stop_git);
	if (has_git())
		failed += cmocka_run_group_tests(with_git, start_git, stop_git);
	return failed;
}
