/* Trees: edits, differences, own files; and trees that somebody made by hand to
 * hurt. */
#include "git_fixture.h"

static void test_edit(void **state)
{
	struct oid one = COMMIT("", "a.md=1", "m/x.md=x", "m/y.md=y"), two;
	char m[OID_HEX];

	(void)state;
	assert_file(one.hex, "a.md", "1");
	assert_file(one.hex, "m/x.md", "x");
	assert_file(one.hex, "none.md", NULL);
	assert_file(one.hex, "m/x.md/deeper", NULL);
	memcpy(m, lookup(one.hex, "m"), OID_HEX);
	two = COMMIT(one.hex, "a.md=2", "b/c/d/e.md=deep");
	assert_file(two.hex, "a.md", "2");
	assert_file(two.hex, "b/c/d/e.md", "deep");
	assert_string_equal(lookup(two.hex, "m"), m);
	/* folders with nothing left go */
	two = COMMIT(two.hex, "b/c/d/e.md", "m/x.md", "none/such.md");
	assert_file(two.hex, "b", NULL);
	assert_file(two.hex, "m/x.md", NULL);
	assert_file(two.hex, "m/y.md", "y");
	two = COMMIT(two.hex, "m/y.md", "a.md");
	assert_string_equal(lookup(two.hex, ""), "");
}

/* What stands in the way goes, what has the other kind stays. */
static void test_edit_clashes(void **state)
{
	struct oid one = COMMIT("", "a=file", "d/x=1", "d/y=2"), two;

	(void)state;
	two = COMMIT(one.hex, "a/b/c.md=new");
	assert_file(two.hex, "a/b/c.md", "new");
	two = COMMIT(one.hex, "d=file now");
	assert_file(two.hex, "d", "file now");
	assert_file(two.hex, "d/x", NULL);
	two = COMMIT(one.hex, "a", "a/b=folder now");
	assert_file(two.hex, "a/b", "folder now");
	two = COMMIT(one.hex, "d=file", "d/x", "d/y");
	assert_file(two.hex, "d", "file");
	two = COMMIT(one.hex, "d", "a/none");
	assert_file(two.hex, "d/x", "1");
	assert_file(two.hex, "a", "file");
	two = COMMIT(one.hex, "D=twin", "A.md=2", "a.md=3");
	assert_file(two.hex, "D", "twin");
	assert_file(two.hex, "d/x", "1");
	assert_file(two.hex, "a", "file");
}

static void test_edit_prefix(void **state)
{
	static const char *const prefixes[] = { "", "p", "p/q", "p/q/r" };
	struct oid b = blob("text"), tree, c, got;
	struct tree_edit edit = { (char *)(uintptr_t)"x/a.md", b, false };
	bool is_tree;

	(void)state;
	/* "p" is a file on the tip, and yields */
	OK(repo_edit(repo, "", "", &(struct tree_edit){
		(char *)(uintptr_t)"p", b, false }, 1, &tree, &err));
	c = commit_at("", tree.hex, "p\n", 1);
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		OK(repo_edit(repo, c.hex, prefixes[i], &edit, 1, &tree, &err));
		OK(repo_lookup(repo, tree.hex, prefixes[i], "x/a.md", &got,
			       &is_tree, &err));
		assert_string_equal(got.hex, b.hex);
		OK(repo_lookup(repo, c.hex, prefixes[i], "x/a.md", &got,
			       &is_tree, &err));
		assert_string_equal(got.hex, "");
	}
	OK(repo_edit(repo, "", "p", NULL, 0, &tree, &err));
	assert_string_equal(tree.hex,
			    "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

static void test_edit_whole_trees(void **state)
{
	struct oid one = COMMIT("", "arc/1/a=1", "arc/1/b=2"), two, got;
	struct tree_edit edit = { (char *)(uintptr_t)"arc/2", one, true };
	bool is_tree;

	(void)state;
	OK(repo_lookup(repo, one.hex, PREFIX, "arc/1", &edit.oid, &is_tree,
		       &err));
	assert_true(is_tree);
	OK(repo_edit(repo, one.hex, PREFIX, &edit, 1, &two, &err));
	OK(repo_lookup(repo, two.hex, PREFIX, "arc/2/b", &got, &is_tree, &err));
	assert_string_equal(got.hex, blob("2").hex);
	edit.path = (char *)(uintptr_t)"arc/1";
	edit.oid.hex[0] = '\0';
	OK(repo_edit(repo, two.hex, PREFIX, &edit, 1, &two, &err));
	OK(repo_lookup(repo, two.hex, PREFIX, "arc/1", &got, &is_tree, &err));
	assert_string_equal(got.hex, "");
	/* an object that is not here must not get into a tree */
	snprintf(edit.oid.hex, OID_HEX, "%s",
		 "1234567890123456789012345678901234567890");
	assert_int_equal(repo_edit(repo, one.hex, PREFIX, &edit, 1, &two,
				   &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
}

/* What repo_edit writes must be what git writes. */
static void test_edit_order(void **state)
{
	struct oid c = COMMIT("", "a/x=1", "a.md=2", "a-b=3", "a0=4", "ab/y=5");
	git_treebuilder *builder;
	git_commit *commit;
	git_tree *tree;
	git_oid id;

	(void)state;
	git_oid_fromstr(&id, c.hex);
	assert_int_equal(git_commit_lookup(&commit, repo->git, &id), 0);
	assert_int_equal(git_commit_tree(&tree, commit), 0);
	git_oid_cpy(&id, git_tree_entry_id(git_tree_entry_byindex(tree, 0)));
	git_tree_free(tree);
	assert_int_equal(git_tree_lookup(&tree, repo->git, &id), 0);
	assert_int_equal(git_treebuilder_new(&builder, repo->git, tree), 0);
	assert_int_equal(git_treebuilder_write(&id, builder), 0);
	assert_true(git_oid_equal(&id, git_tree_id(tree)));
	git_treebuilder_free(builder);
	git_tree_free(tree);
	git_commit_free(commit);
}

static int note(void *arg, const char *path, const char *old_oid,
		const char *new_oid, enum entry_kind kind)
{
	buf_printf(arg, "%s%s%s%s ", kind == ENTRY_ODD ? "?" : "",
		   *old_oid ? "-" : "", *new_oid ? "+" : "", path);
	return 0;
}

static bool was_cut;

static const char *diff(const char *old_commit, const char *new_commit)
{
	static struct buf out = BUF_INIT;

	buf_reset(&out);
	OK(repo_diff(repo, old_commit, new_commit, PREFIX, note, &out,
		     &was_cut, &err));
	return out.data;
}

static int stop_at_once(void *arg, const char *path, const char *old_oid,
			const char *new_oid, enum entry_kind kind)
{
	(void)path;
	(void)old_oid;
	(void)new_oid;
	(void)kind;
	(*(int *)arg)++;
	return -1;
}

static void test_diff(void **state)
{
	struct oid one = COMMIT("", "a=1", "m/x=1", "m/y=1", "z=1");
	struct oid two = COMMIT(one.hex, "a=2", "m/y", "n/new=1");
	struct oid three = COMMIT(one.hex, "a", "a/b=1", "m/x", "m/y", "m=f");
	int calls = 0;
	bool cut;

	(void)state;
	assert_string_equal(diff(one.hex, one.hex), "");
	assert_string_equal(diff(one.hex, two.hex), "-+a -m/y +n/new ");
	assert_string_equal(diff(two.hex, one.hex), "-+a +m/y -n/new ");
	assert_string_equal(diff("", one.hex), "+a +m/x +m/y +z ");
	assert_string_equal(diff(one.hex, ""), "-a -m/x -m/y -z ");
	assert_string_equal(diff(one.hex, three.hex),
			    "-a +a/b +m -m/x -m/y ");
	assert_false(was_cut);
	assert_int_equal(repo_diff(repo, one.hex, two.hex, PREFIX,
				   stop_at_once, &calls, &cut, &err), -1);
	assert_int_equal(calls, 1);
}

static void test_odd_entries(void **state)
{
	struct oid one = COMMIT("", "a=1", "run=1", "link=1", "sub=1"), two;
	struct oid b = blob("1"), tree;
	struct buf raw = BUF_INIT;

	(void)state;
	raw_entry(&raw, "100644", "a", 1, b.hex);
	raw_entry(&raw, "120000", "link", 4, b.hex);
	raw_entry(&raw, "100755", "run", 3, b.hex);
	raw_entry(&raw, "160000", "sub", 3, one.hex);
	tree = raw_object(raw.data, raw.len, GIT_OBJECT_TREE);
	two = raw_commit_of(one.hex, tree.hex);
	assert_string_equal(diff(one.hex, two.hex), "?-+link ?-+run ?-+sub ");
	assert_string_equal(diff(two.hex, one.hex), "+link +run +sub ");
	assert_file(two.hex, "a", "1");
	assert_file(two.hex, "link", NULL);
	assert_file(two.hex, "run", NULL);
	assert_file(two.hex, "sub", NULL);
	/* ours come back in their place */
	two = COMMIT(two.hex, "link=1", "sub/x=2");
	assert_file(two.hex, "link", "1");
	assert_file(two.hex, "sub/x", "2");
	buf_release(&raw);
}

static void test_strange_names(void **state)
{
	struct oid b = blob("x"), tree, c;
	struct buf raw = BUF_INIT;

	(void)state;
	raw_entry(&raw, "100644", "m/a", 3, b.hex);
	raw_entry(&raw, "40000", "..", 2,
		  tree_of("", (const char *[]){ "q=1", NULL }).hex);
	raw_entry(&raw, "100644", "\xff\x1b", 2, b.hex);
	raw_entry(&raw, "100644", "z", 1, b.hex);
	raw_entry(&raw, "100644", "z", 1, b.hex);
	raw_entry(&raw, "100644", "b", 1, b.hex);
	raw_entry(&raw, "100644", ".git", 4, b.hex);
	tree = raw_object(raw.data, raw.len, GIT_OBJECT_TREE);
	c = raw_commit_of("", tree.hex);
	assert_string_equal(diff("", c.hex), "?+\\strange\\2e2e +.git +b "
			    "?+\\strange\\6d2f61 +z ?+\\strange\\ff1b ");
	assert_file(c.hex, "b", "x");
	assert_file(c.hex, "m/a", NULL);
	c = COMMIT(c.hex, "b=y", "m/a=mine");
	assert_file(c.hex, "b", "y");
	assert_file(c.hex, "m/a", "mine");
	assert_file(c.hex, "z", "x");
	buf_release(&raw);
}

/* C has the folder COORDINATION, not read whole: nobody writes into it, or takes it for
 * empty. */
static void refuses(const char *c)
{
	struct tree_edit edit = { .path = (char *)"b.md", .oid = blob("mine") };
	struct own_files own = { NULL, 0, 0 };
	struct oid before = COMMIT("", "b.md=1", "gone.md=1", "z/gone.md=1"), out;

	assert_int_equal(repo_edit(repo, c, PREFIX, &edit, 1, &out, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "folder coordination "));
	assert_int_equal(repo_own_files(repo, c, PREFIX, 1, &own, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(repo_whole(repo, c, PREFIX, "b.md", &err), -1);
	own_files_release(&own);
	assert_null(strstr(diff(before.hex, c), "gone.md"));
	assert_true(was_cut);
	OK(repo_edit(repo, c, "elsewhere", &edit, 1, &out, &err));
}

/* A tree cut off at every byte, and one bit wrong at every byte. */
static void test_damaged_trees(void **state)
{
	struct oid b = blob("x"), tree, c, next;
	struct buf raw = BUF_INIT, bad = BUF_INIT;
	size_t refused = 0;

	(void)state;
	raw_entry(&raw, "100644", "a", 1, b.hex);
	raw_entry(&raw, "100644", "b.md", 4, b.hex);
	for (size_t i = 0; i <= 2 * raw.len; i++) {
		buf_reset(&bad);
		buf_addb(&bad, &raw);
		if (i < raw.len)
			bad.data[i] ^= 0x11;
		else
			buf_truncate(&bad, i - raw.len);
		tree = raw_object(bad.data, bad.len, GIT_OBJECT_TREE);
		c = raw_commit_of("", tree.hex);
		diff(c.hex, "");
		lookup(c.hex, "b.md");
		diff("", c.hex);
		if (was_cut) {
			refuses(c.hex);
			refused++;
			continue;
		}
		next = COMMIT(c.hex, "b.md=mine");
		assert_file(next.hex, "b.md", "mine");
	}
	assert_true(refused > raw.len / 2);
	assert_string_equal(diff("", c.hex), "+a +b.md ");
	/* a folder that is a file, and one that is not there at all */
	c = raw_commit_of("", b.hex);
	assert_string_equal(diff("", c.hex), "");
	assert_true(was_cut);
	b.hex[3] ^= 1;
	c = raw_commit_of("", b.hex);
	assert_string_equal(diff("", c.hex), "");
	assert_true(was_cut);
	buf_release(&raw);
	buf_release(&bad);
}

static void test_deep_tree(void **state)
{
	struct oid tree = tree_of("", (const char *[]){ "leaf=1", NULL }), c;
	struct buf raw = BUF_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buf_reset(&raw);
		raw_entry(&raw, "40000", "d", 1, tree.hex);
		tree = raw_object(raw.data, raw.len, GIT_OBJECT_TREE);
	}
	c = raw_commit_of("", tree.hex);
	assert_string_equal(diff("", c.hex), "");
	assert_true(was_cut);
	c = COMMIT(c.hex, "d/d/d/mine.md=1");
	assert_file(c.hex, "d/d/d/mine.md", "1");
	buf_release(&raw);
}

static int count_calls(void *arg, const char *path, const char *old_oid,
		       const char *new_oid, enum entry_kind kind)
{
	(void)path;
	(void)old_oid;
	(void)new_oid;
	(void)kind;
	(*(size_t *)arg)++;
	return 0;
}

static struct oid wide_tree(size_t count, const char *mode, const char *oid)
{
	struct buf raw = BUF_INIT;
	struct oid tree;
	char name[16];

	for (size_t i = 0; i < count; i++) {
		int len = snprintf(name, sizeof(name), "f%07zu", i);

		raw_entry(&raw, mode, name, (size_t)len, oid);
	}
	tree = raw_object(raw.data, raw.len, GIT_OBJECT_TREE);
	buf_release(&raw);
	return tree;
}

/* Small objects that stand for a great many files. */
static void test_wide_trees(void **state)
{
	struct oid b = blob("x"), tree, c, next;
	double start = seconds();
	size_t calls = 0;
	bool cut;

	(void)state;
	tree = wide_tree(50000, "100644", b.hex);
	c = raw_commit_of("", tree.hex);
	OK(repo_diff(repo, "", c.hex, PREFIX, count_calls, &calls, &cut, &err));
	assert_int_equal(calls, 50000);
	assert_false(cut);
	next = COMMIT(c.hex, "g=1", "f0000007");
	assert_string_equal(diff(c.hex, next.hex), "-f0000007 +g ");
	calls = 0;
	for (int i = 0; i < 3; i++)
		tree = wide_tree(100, "40000", tree.hex);
	c = raw_commit_of("", tree.hex);
	OK(repo_diff(repo, "", c.hex, PREFIX, count_calls, &calls, &cut, &err));
	assert_true(cut);
	assert_in_range(calls, 50000, LIMIT_TREE);
	assert_true(seconds() - start < 30);
}

/* Much to compare, little that differs: the second bound. */
static void test_repeated_trees(void **state)
{
	struct oid b = blob("x"), wide, c1, c2;
	struct buf raw = BUF_INIT;
	double start = seconds();

	(void)state;
	wide = wide_tree(100000, "100644", b.hex);
	c1 = raw_commit_of("", wide_tree(1000, "40000", wide.hex).hex);
	wide = wide_tree(100001, "100644", b.hex);
	c2 = raw_commit_of("", wide_tree(1000, "40000", wide.hex).hex);
	diff(c1.hex, c2.hex);
	assert_true(was_cut);
	assert_true(seconds() - start < 30);
	buf_release(&raw);
}

static struct oid trailed_commit(const char *parent, const char *tree, int n,
				 const char *files)
{
	struct trailers t = { .computer = n };
	struct buf message = BUF_INIT;
	struct oid oid;

	snprintf(t.clone, sizeof(t.clone), "5f3a9c1e");
	snprintf(t.files, sizeof(t.files), "%s", files);
	buf_adds(&message, "trine: computer 1\n\n");
	trailers_write(&message, &t);
	oid = commit_at(parent, tree, message.data, 1700000000);
	buf_release(&message);
	return oid;
}

static void test_own_files(void **state)
{
	struct oid c = COMMIT("", "COMPUTER_1.md=s1", "COMPUTER_2.md=s2",
			      "messages/1_TO_2.md=m", "messages/1_TO_ALL.md=n",
			      "messages/2_TO_1.md=o", "messages/x.md=p",
			      "archive/1_TO_2/0001.md=q", "archive/1_TO_3=file",
			      "conflicts/1/x.md=r", "messages/11_TO_1.md=t");
	struct own_files own = { NULL, 0, 0 };
	struct oid archive;
	bool is_tree;

	(void)state;
	OK(repo_own_files(repo, c.hex, PREFIX, 1, &own, &err));
	assert_int_equal(own.count, 4);
	assert_string_equal(own_files_get(&own, "COMPUTER_1.md"),
			    blob("s1").hex);
	assert_string_equal(own_files_get(&own, "messages/1_TO_2.md"),
			    blob("m").hex);
	assert_string_equal(own_files_get(&own, "messages/1_TO_ALL.md"),
			    blob("n").hex);
	OK(repo_lookup(repo, c.hex, PREFIX, "archive/1_TO_2", &archive,
		       &is_tree, &err));
	assert_string_equal(own_files_get(&own, "archive/1_TO_2"),
			    archive.hex);
	own_files_release(&own);
}

static void test_vouched(void **state)
{
	struct oid tree = tree_of("", (const char *[]){
		"COMPUTER_1.md=s1", "messages/1_TO_2.md=m", NULL });
	struct own_files own = { NULL, 0, 0 };
	char digest[VOUCH_DIGEST];
	struct commit_info info;
	struct oid c, forged;

	(void)state;
	OK(repo_own_files(repo, tree.hex, PREFIX, 1, &own, &err));
	vouch_digest(&own, digest);
	own_files_release(&own);
	c = trailed_commit("", tree.hex, 1, digest);
	OK(repo_commit_read(repo, c.hex, PREFIX, &info, &err));
	assert_true(info.vouched);
	assert_int_equal(info.trailers.computer, 1);
	commit_info_release(&info);
	/* the same trailers over another tree, and over a link */
	tree = tree_of(c.hex, (const char *[]){ "messages/1_TO_2.md=x", NULL });
	forged = trailed_commit(c.hex, tree.hex, 1, digest);
	OK(repo_commit_read(repo, forged.hex, PREFIX, &info, &err));
	assert_false(info.vouched);
	assert_int_equal(info.trailers.computer, 1);
	commit_info_release(&info);
	/* what is not own does not matter */
	tree = tree_of(c.hex, (const char *[]){ "messages/2_TO_1.md=x", NULL });
	forged = trailed_commit(c.hex, tree.hex, 1, digest);
	OK(repo_commit_read(repo, forged.hex, PREFIX, &info, &err));
	assert_true(info.vouched);
	commit_info_release(&info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_REPO(test_edit),
		IN_REPO(test_edit_clashes),
		IN_REPO(test_edit_prefix),
		IN_REPO(test_edit_whole_trees),
		IN_REPO(test_edit_order),
		IN_REPO(test_diff),
		IN_REPO(test_odd_entries),
		IN_REPO(test_strange_names),
		IN_REPO(test_damaged_trees),
		IN_REPO(test_deep_tree),
		IN_REPO(test_wide_trees),
		IN_REPO(test_repeated_trees),
		IN_REPO(test_own_files),
		IN_REPO(test_vouched),
	};

	return cmocka_run_group_tests(tests, start_git, stop_git);
}
