/*
 * Merging and comparing texts, by libgit2's xdiff (repo.h). Used for shared
 * files, and to show people what was lost.
 */
#include "git.h"

#include <string.h>

#include "trine/mem.h"

static git_merge_file_input input_of(struct span text)
{
	git_merge_file_input input;

	git_merge_file_input_init(&input, GIT_MERGE_FILE_INPUT_VERSION);
	input.ptr = text.p ? text.p : "";
	input.size = text.len;
	input.path = "file";
	input.mode = GIT_FILEMODE_BLOB;
	return input;
}

int repo_merge_text(struct span base, struct span ours, struct span theirs,
		    struct buf *out, bool *clean, struct error *err)
{
	git_merge_file_input b = input_of(base), o = input_of(ours),
			     t = input_of(theirs);
	git_merge_file_result merged = { 0 };
	int rc = git_merge_file(&merged, &b, &o, &t, NULL);

	buf_reset(out);
	*clean = false;
	if (rc < 0)
		return git_fail(err, rc, "cannot merge");
	*clean = merged.automergeable != 0;
	if (*clean)
		buf_add(out, merged.ptr, merged.len);
	git_merge_file_result_free(&merged);
	return 0;
}

struct diff_text {
	struct buf *out;
	size_t limit;
	bool full;
};

/* Hunks and their lines; file names mean nothing here. */
static int add_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
		    const git_diff_line *line, void *arg)
{
	struct diff_text *d = arg;
	bool marked = line->origin == '+' || line->origin == '-' ||
		      line->origin == ' ';

	(void)delta;
	(void)hunk;
	if (line->origin == GIT_DIFF_LINE_FILE_HDR)
		return 0;
	if (line->content_len + marked > d->limit - d->out->len) {
		d->full = true;
		return GIT_EUSER;
	}
	if (marked)
		buf_addc(d->out, line->origin);
	buf_add(d->out, line->content, line->content_len);
	return 0;
}

int repo_diff_text(struct span old, struct span new, size_t limit,
		   struct buf *out, struct error *err)
{
	git_diff_options options;
	struct diff_text d = { out, limit, false };
	git_patch *patch = NULL;
	int rc;

	buf_reset(out);
	git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
	options.flags = GIT_DIFF_FORCE_TEXT;
	rc = git_patch_from_buffers(&patch, old.p ? old.p : "", old.len, "file",
				    new.p ? new.p : "", new.len, "file",
				    &options);
	if (rc == 0)
		rc = git_patch_print(patch, add_line, &d);
	git_patch_free(patch);
	return rc == 0 || d.full ? 0 : git_fail(err, rc, "cannot compare");
}
